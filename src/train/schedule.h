/* train/schedule.h - how the learning rate changes over a run. One schedule is one file in
 * schedules/ and one line in its list.def. */
#ifndef WEIR_TRAIN_SCHEDULE_H
#define WEIR_TRAIN_SCHEDULE_H

#include "base/intl.h"
#include "base/option.h"

/* Every schedule's options begin with this: a straight rise over the first `warmup` steps, on the
 * line from 0 before the first step to the full rate in the first step after the warm-up. */
typedef struct weir_schedule_common {
    size_t warmup;
} weir_schedule_common;

#define WEIR_SCHEDULE_COMMON_OPTIONS(S)                                                       \
    {"warmup", WEIR_SIZE, offsetof(S, common.warmup), "0", 0, 9e15, NULL,                     \
     N_("steps in which the learning rate rises to its full size")}

typedef struct weir_schedule_kind {
    const char *name, *doc;
    size_t options_size;
    const weir_option *options;
    /* The factor on lr in step `step` (from 0) of `steps`; weir_schedule_lr adds the warm-up. */
    double (*factor)(const void *options, uint64_t step, uint64_t steps);
} weir_schedule_kind;

extern const weir_schedule_kind *const weir_schedule_kinds[];
const weir_schedule_kind *weir_schedule_find(const char *name);

/* lr times factor times warm-up; the factor's own clock starts after the warm-up. */
double weir_schedule_lr(const weir_schedule_kind *kind, const void *options, double lr,
                        uint64_t step, uint64_t steps);

#define WEIR_SCHEDULE(name) extern const weir_schedule_kind weir_schedule_##name;
#include "train/schedules/list.def"
#undef WEIR_SCHEDULE

#endif
