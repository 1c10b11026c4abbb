#include "doctor/rules/depth.h"

#include <math.h>
#include <string.h>

double weir_depth_bound(const weir_facts *f)
{
    return fmax(3 * f->depth_scatter, log(100));
}

/* ln of |dL/d input| / |dL/d output| of a node; NaN where it is not a link of a chain. */
static double link_gain(const weir_facts *f, const weir_sample *s, size_t i)
{
    const weir_record_node *node = &f->record->node[i];
    if (node->inputs != 1 || node->input[0] == SIZE_MAX) return (double)NAN;
    double below = s->node[node->input[0]].grad_norm, here = s->node[i].grad_norm;
    return below > 0 && here > 0 ? log(below / here) : (double)NAN;
}

weir_factor_split weir_split_factors(const weir_facts *f)
{
    double slopes = 0, weights = 0;
    size_t with_slope = 0, with_weights = 0, most = 0;
    bool loops = false; /* in a recurrent layer slopes, weights and time cannot be told apart */
    weir_factor_split split = {(double)NAN, (double)NAN, NULL};
    const weir_flow_record *r = f->record;
    for (size_t i = 0; f->depth_sample && i < r->nodes; i++) {
        double gain = link_gain(f, f->depth_sample, i);
        if (isnan(gain)) continue;
        if (r->node[i].part == WEIR_ACTIVATION) {
            slopes += gain;
            with_slope++;
            size_t same = 0;
            for (size_t j = 0; j < r->nodes; j++) same += !strcmp(r->node[j].kind, r->node[i].kind);
            if (same > most) {
                most = same;
                split.activation = r->node[i].kind;
            }
        } else {
            weights += gain;
            with_weights += r->node[i].part == WEIR_WEIGHTED;
            loops |= r->node[i].part == WEIR_RECURRENT;
        }
    }
    if (with_slope) split.slopes = exp(slopes / (double)with_slope);
    if (loops) split.activation = NULL;
    if (with_weights && !loops) split.weights = exp(weights / (double)with_weights);
    return split;
}
