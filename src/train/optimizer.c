/* The registry of optimizers. */
#include "train/optimizer.h"

#include <string.h>

#define WEIR_OPTIMIZER(name) &weir_optimizer_##name,
const weir_optimizer_kind *const weir_optimizer_kinds[] = {
#include "train/optimizers/list.def"
    NULL};
#undef WEIR_OPTIMIZER

const weir_optimizer_kind *weir_optimizer_find(const char *name)
{
    for (size_t i = 0; weir_optimizer_kinds[i]; i++)
        if (!strcmp(weir_optimizer_kinds[i]->name, name)) return weir_optimizer_kinds[i];
    return NULL;
}
