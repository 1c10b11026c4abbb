/* doctor/edit.h - changing the list `model:` of a configuration: what remedies are made of.
 *
 * The k-th item of the list is the k-th node of the net. Before items are added or removed, every
 * node that is referred to by its index gets a name, so that references stay true.
 */
#ifndef WEIR_DOCTOR_EDIT_H
#define WEIR_DOCTOR_EDIT_H

#include "config/config.h"

/* The k-th item, NULL behind the last. */
weir_yaml *weir_edit_node(const weir_config *config, size_t k);

/* Its kind ("linear"), and its options as a map (made when there is none; NULL without memory). */
const char *weir_edit_kind(const weir_yaml *item);
weir_yaml *weir_edit_options(weir_config *config, weir_yaml *item);

/* Makes an item another kind, with these options in YAML ("{}"), keeping name, from and, if
 * keep_init, init. */
weir_status weir_edit_replace(weir_config *config, weir_yaml *item, const char *kind,
                              const char *options, bool keep_init, weir_error *err);

/* Sets one option of an item to a value in YAML. */
weir_status weir_edit_set(weir_config *config, weir_yaml *item, const char *option,
                          const char *value, weir_error *err);

/* A new item "- kind" behind the k-th, called `name` (NULL: nothing, unless it must be). Whoever
 * read the k-th item by its name reads the new one instead. */
weir_status weir_edit_insert(weir_config *config, size_t k, const char *kind, const char *name,
                             weir_yaml **item, weir_error *err);

/* Sets one option of an item to a text as it is, whatever characters it has. */
weir_status weir_edit_put(weir_config *config, weir_yaml *item, const char *option,
                          const char *text, weir_error *err);

/* Lets every node find the size of its input by itself: some widths of the net are to change. */
weir_status weir_edit_infer(weir_config *config, weir_error *err);

/* Names every node whose index is referred to in a `from:`, and the references with it. */
weir_status weir_edit_pin(weir_config *config, weir_error *err);

/* The name of item k, given if it has none ("node3"); NULL when there is no memory. */
const char *weir_edit_name(weir_config *config, size_t k);

#endif
