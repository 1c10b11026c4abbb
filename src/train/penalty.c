/* The registry of penalties, and what they share. */
#include "train/penalty.h"

#include <string.h>

#define WEIR_PENALTY(name) &weir_penalty_##name,
const weir_penalty_kind *const weir_penalty_kinds[] = {
#include "train/penalties/list.def"
    NULL};
#undef WEIR_PENALTY

const weir_penalty_kind *weir_penalty_find(const char *name)
{
    for (size_t i = 0; weir_penalty_kinds[i]; i++)
        if (!strcmp(weir_penalty_kinds[i]->name, name)) return weir_penalty_kinds[i];
    return NULL;
}

double weir_penalties_apply(const weir_penalty_list *list, weir_pass *pass)
{
    double sum = 0;
    for (size_t i = 0; i < list->count; i++)
        sum += list->item[i].kind->apply(list->item[i].options, pass);
    return sum;
}

bool weir_is_penalized(const weir_parameter *p)
{
    return p->role == WEIR_WEIGHT || p->role == WEIR_RECURRENT_WEIGHT || p->role == WEIR_EMBEDDING;
}
