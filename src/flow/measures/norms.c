/* norms: the size of everything, node by node and parameter by parameter.
 *
 *   grad_norm[l] = |dL/dy_l|,  grad_rms = grad_norm / sqrt(count)
 *   grad_norm[p] = |dL/dp|,    update ratio[p] = |step taken| / |p|
 *   mean, variance of y_l
 */
#include "base/intl.h"
#include "flow/recorder.h"
#include "tensor/vec.h"

static void activation(weir_measure *m, const weir_node *node, const weir_tensor *z,
                       const weir_tensor *y)
{
    (void)z;
    weir_node_flow *flow = &m->recorder->sample->node[node->index];
    double n = (double)weir_count(y);
    flow->mean = weir_vec_sum(weir_count(y), y->f) / n;
    flow->variance = weir_vec_squares(weir_count(y), y->f) / n - flow->mean * flow->mean;
    if (flow->variance < 0) flow->variance = 0; /* rounding */
}

static void grad_out(weir_measure *m, const weir_node *node, const weir_tensor *dy)
{
    weir_node_flow *flow = &m->recorder->sample->node[node->index];
    flow->grad_norm = weir_vec_norm2(weir_count(dy), dy->f);
    flow->grad_rms = flow->grad_norm / sqrt((double)weir_count(dy));
}

static weir_param_flow *param_flow(weir_measure *m, const weir_parameter *p)
{
    return &m->recorder->sample->param[p - m->recorder->model->params];
}

static void grad_param(weir_measure *m, const weir_parameter *p)
{
    param_flow(m, p)->grad_norm = weir_vec_norm2(p->count, p->grad);
}

static void update(weir_measure *m, const weir_parameter *p, double delta_norm, double value_norm)
{
    param_flow(m, p)->delta_norm = delta_norm;
    param_flow(m, p)->value_norm = value_norm;
}

const weir_measure_kind weir_measure_norms = {
    .name = "norms",
    .doc = N_("gradient, parameter and update norms, mean and variance of activations"),
    .wants = WEIR_WANTS_ACTIVATION | WEIR_WANTS_GRAD_OUT | WEIR_WANTS_GRAD_PARAM,
    .activation = activation,
    .grad_out = grad_out,
    .grad_param = grad_param,
    .update = update,
};
