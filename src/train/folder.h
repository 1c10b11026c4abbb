/* train/folder.h - a run's folder: the names in it, and whether it is one. */
#ifndef WEIR_TRAIN_FOLDER_H
#define WEIR_TRAIN_FOLDER_H

#include "weir/config.h"

/* FOLDER/NAME, to be freed; NULL when there is no memory. */
char *weir_run_path(const char *folder, const char *name);

/* WEIR_IO, with what is the matter, unless `folder` is one that holds the file `name`. */
weir_status weir_run_check(const char *folder, const char *name, weir_error *err);

/* FOLDER/config.yaml. */
weir_status weir_run_load_config(const char *folder, weir_config **config, weir_error *err);

#endif
