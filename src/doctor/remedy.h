/* doctor/remedy.h - what a remedy is. One remedy is one file in remedies/ and one line in its
 * list.def.
 *
 * A remedy is a patch, configuration -> configuration; nothing else may change a net. It proposes
 * candidates where it applies, and controls that take its mechanism away again.
 */
#ifndef WEIR_DOCTOR_REMEDY_H
#define WEIR_DOCTOR_REMEDY_H

#include "doctor/edit.h"
#include "doctor/facts.h"

/* What a remedy may look at: the sick configuration, its record and the finding. */
typedef struct weir_case {
    const weir_config *config;
    const weir_facts *facts;
    const weir_finding *finding;
} weir_case;

enum { WEIR_MAX_CANDIDATES = 24 };

typedef struct weir_remedy_kind weir_remedy_kind;

typedef struct weir_candidate {
    const weir_remedy_kind *remedy;
    const weir_finding *finding;
    char variant[120];   /* "relu with kaiming_normal" */
    weir_config *config; /* patched */
} weir_candidate;

typedef struct weir_candidates {
    size_t count;
    weir_candidate item[WEIR_MAX_CANDIDATES];
} weir_candidates;

struct weir_remedy_kind {
    const char *name, *doc;
    const char *source; /* paper */
    const char *when;   /* one sentence: when it is worth trying */
    /* Adds the candidates that apply, none where it does not, with weir_propose(). */
    weir_status (*propose)(const weir_case *c, weir_candidates *out, weir_error *err);
    /* (optional, default: no control) The k-th control: writes into *control a configuration in
     * which the mechanism is switched off and says which in `what`. *control stays NULL when there
     * is no k-th one. */
    weir_status (*control)(const weir_case *c, const weir_candidate *candidate, size_t k,
                           weir_config **control, char *what, size_t room, weir_error *err);
};

extern const weir_remedy_kind *const weir_remedy_kinds[];
const weir_remedy_kind *weir_remedy_find(const char *name);

/* Opens a candidate: a copy of the sick configuration to be changed, with references pinned. *fresh
 * is NULL when there is no room for more. */
weir_status weir_propose(const weir_remedy_kind *remedy, const weir_case *c, weir_candidates *out,
                         const char *variant, weir_candidate **fresh, weir_error *err);
/* Takes the newest candidate back: it turned out not to apply. */
void weir_withdraw(weir_candidates *out);
void weir_candidates_free(weir_candidates *out);

#define WEIR_REMEDY(name) extern const weir_remedy_kind weir_remedy_##name;
#include "doctor/remedies/list.def"
#undef WEIR_REMEDY

#endif
