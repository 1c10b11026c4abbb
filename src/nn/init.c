/* The registry of initialisers, and what they share. */
#include "nn/init.h"

#include <string.h>

#define WEIR_INIT(name) &weir_init_##name,
const weir_init_kind *const weir_init_kinds[] = {
#include "nn/inits/list.def"
    NULL};
#undef WEIR_INIT

const weir_init_kind *weir_init_find(const char *name)
{
    for (size_t i = 0; weir_init_kinds[i]; i++)
        if (!strcmp(weir_init_kinds[i]->name, name)) return weir_init_kinds[i];
    return NULL;
}

void weir_fill_uniform(weir_parameter *p, weir_rng *rng, double low, double high)
{
    for (size_t i = 0; i < p->count; i++)
        p->value[i] = (real)(low + (high - low) * weir_rng_uniform(rng));
}

void weir_fill_normal(weir_parameter *p, weir_rng *rng, double mean, double std)
{
    for (size_t i = 0; i < p->count; i++) p->value[i] = (real)(mean + std * weir_rng_normal(rng));
}

void weir_fill_constant(weir_parameter *p, double value)
{
    for (size_t i = 0; i < p->count; i++) p->value[i] = (real)value;
}
