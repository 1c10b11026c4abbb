/* The registry of remedies, and the candidates they propose for a finding. */
#include "base/status.h"
#include "doctor/remedy.h"

#include <stdio.h>
#include <string.h>

#define WEIR_REMEDY(name) &weir_remedy_##name,
const weir_remedy_kind *const weir_remedy_kinds[] = {
#include "doctor/remedies/list.def"
    NULL};
#undef WEIR_REMEDY

const weir_remedy_kind *weir_remedy_find(const char *name)
{
    for (size_t i = 0; weir_remedy_kinds[i]; i++)
        if (!strcmp(weir_remedy_kinds[i]->name, name)) return weir_remedy_kinds[i];
    return NULL;
}

weir_status weir_propose(const weir_remedy_kind *remedy, const weir_case *c, weir_candidates *out,
                         const char *variant, weir_candidate **fresh, weir_error *err)
{
    *fresh = NULL;
    if (out->count == WEIR_MAX_CANDIDATES) return WEIR_OK;
    weir_candidate *next = &out->item[out->count];
    *next = (weir_candidate){.remedy = remedy, .finding = c->finding,
                             .config = weir_config_copy(c->config)};
    if (!next->config) return weir_fail_memory(err);
    snprintf(next->variant, sizeof next->variant, "%s", variant);
    out->count++;
    *fresh = next;
    return weir_edit_pin(next->config, err);
}

void weir_withdraw(weir_candidates *out)
{
    weir_config_free(out->item[--out->count].config);
}

void weir_candidates_free(weir_candidates *out)
{
    while (out->count) weir_withdraw(out);
}
