/* The registry of layers, filled from layers/list.def. */
#include "nn/layer.h"

#include <string.h>

#define WEIR_LAYER(name) &weir_layer_##name,
const weir_layer_kind *const weir_layer_kinds[] = {
#include "nn/layers/list.def"
    NULL};
#undef WEIR_LAYER

const weir_layer_kind *weir_layer_find(const char *name)
{
    for (size_t i = 0; weir_layer_kinds[i]; i++)
        if (!strcmp(weir_layer_kinds[i]->name, name)) return weir_layer_kinds[i];
    return NULL;
}
