/* clip: gradient clipping by norm, the threshold chosen from the norms that were observed while all
 * was well: their median, and a tenth of it. Where nothing was well for even ten steps, the best
 * constant guess's loss: the customary 1, for a loss of about 1.
 * Source: Pascanu, Mikolov & Bengio 2013, algorithm 1 (threshold from the average norm). */
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "doctor/remedy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median norm of the steps before the loss left its course (rose above twice its start). */
static double usual_norm(const weir_flow_record *r)
{
    double *norm = weir_calloc(r->losses + 1, sizeof *norm), median = (double)NAN;
    size_t n = 0;
    for (size_t i = 0; norm && i < r->losses; i++) {
        const weir_loss_point *p = &r->loss[i];
        if (!isfinite(p->grad_norm) || !isfinite(p->loss)) break;
        if (p->loss > r->loss[0].loss + fabs(r->loss[0].loss)) break;
        norm[n++] = p->grad_norm;
    }
    if (n >= 10) {
        qsort(norm, n, sizeof *norm, by_value);
        median = norm[n / 2];
    }
    weir_free(norm);
    return median;
}

static weir_status propose_one(const weir_case *c, weir_candidates *out, double max_norm,
                               const char *words, weir_error *err)
{
    char value[64], variant[100];
    if (c->facts->record->clip_max_norm <= max_norm) return WEIR_OK; /* it clips as hard already */
    snprintf(value, sizeof value, "{max_norm: %.3g}", max_norm);
    snprintf(variant, sizeof variant, _("max_norm %.3g, %s"), max_norm, words);
    weir_candidate *fresh;
    WEIR_TRY(weir_propose(&weir_remedy_clip, c, out, variant, &fresh, err));
    return fresh ? weir_config_set(fresh->config, "train.clip_grad_norm", value, err) : WEIR_OK;
}

static weir_status propose(const weir_case *c, weir_candidates *out, weir_error *err)
{
    double usual = usual_norm(c->facts->record);
    double unit = fabs(c->facts->record->constant_loss);
    if (!(usual > 0))
        return propose_one(c, out, unit > 0 ? unit : 1, _("as large as a constant guess's loss"),
                           err);
    WEIR_TRY(propose_one(c, out, usual, _("the usual norm here"), err));
    return propose_one(c, out, usual / 10, _("a tenth of the usual norm here"), err);
}

const weir_remedy_kind weir_remedy_clip = {
    .name = "clip",
    .doc = N_("gradient clipping by norm, at the norm that is usual here"),
    .source = "Pascanu, Mikolov & Bengio 2013",
    .when = N_("the gradient explodes now and then"),
    .propose = propose,
};
