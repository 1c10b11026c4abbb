/* train/data/grid.h - nested lists of numbers in a configuration, as an array. For data/ only. */
#ifndef WEIR_TRAIN_DATA_GRID_H
#define WEIR_TRAIN_DATA_GRID_H

#include "formats/array.h"
#include "train/data.h"

/* [[1, 2], [3, 4]] as F64 [2,2], in data->arena. WEIR_USAGE with the place of what is not a
 * number, not finite (unless nonfinite), or where lists have different lengths or depths. During
 * open() only. */
weir_status weir_grid_read(weir_data *data, const weir_yaml *node, bool nonfinite, weir_array *out,
                           weir_error *err);

#endif
