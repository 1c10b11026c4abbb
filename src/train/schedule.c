/* The registry of schedules, and the warm-up they share. */
#include "train/schedule.h"

#include <string.h>

#define WEIR_SCHEDULE(name) &weir_schedule_##name,
const weir_schedule_kind *const weir_schedule_kinds[] = {
#include "train/schedules/list.def"
    NULL};
#undef WEIR_SCHEDULE

const weir_schedule_kind *weir_schedule_find(const char *name)
{
    for (size_t i = 0; weir_schedule_kinds[i]; i++)
        if (!strcmp(weir_schedule_kinds[i]->name, name)) return weir_schedule_kinds[i];
    return NULL;
}

double weir_schedule_lr(const weir_schedule_kind *kind, const void *options, double lr,
                        uint64_t step, uint64_t steps)
{
    const weir_schedule_common *common = options;
    uint64_t warmup = common->warmup, rest = steps > warmup ? steps - warmup : 0;
    if (step >= warmup) return lr * kind->factor(options, step - warmup, rest);
    return lr * kind->factor(options, 0, rest) * (double)(step + 1) / (double)(warmup + 1);
}
