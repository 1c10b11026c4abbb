/* How much a step computes, and how fast this machine could at best. */
#include "base/clock.h"
#include "base/threads.h"
#include "bench/bench.h"
#include "nn/panels/panels.h"

#include <math.h>

/* How often every number of a weight is multiplied in a pass: by each row of a linear layer, each
 * step of each sequence, each place of each image. */
static double uses(const weir_node *node)
{
    const weir_shape *y = &node->shape;
    if (node->kind->part == WEIR_RECURRENT) {
        const weir_model *model = node->model;
        size_t from = node->input[0];
        const weir_shape *x = from == WEIR_INPUT ? &model->x : &model->nodes[from].shape;
        return (double)x->dim[0] * (double)x->dim[1]; /* [T,B,F] */
    }
    return (double)weir_shape_count(y) / (double)weir_channels_of(node->channels, y).count;
}

/* A weight that the net's input is multiplied with; a bidirectional layer has two. */
static bool reads_input(const weir_node *node, const weir_parameter *p)
{
    if (node->input[0] != WEIR_INPUT || p->role != WEIR_WEIGHT) return false;
    if (node->kind->part != WEIR_RECURRENT) return true;
    bool two = ((const weir_recurrent *)node->options)->bidirectional;
    return p == weir_line_param(node, 0).w_ih || (two && p == weir_line_param(node, 1).w_ih);
}

/* y = W x, dW = dy x^T, and dx = W^T dy where somebody needs it: 2 operations each. */
double weir_step_operations(const weir_model *model, bool input_grad)
{
    double sum = 0;
    for (size_t i = 0; i < model->params_count; i++) {
        const weir_parameter *p = &model->params[i];
        if (p->role != WEIR_WEIGHT && p->role != WEIR_RECURRENT_WEIGHT) continue;
        const weir_node *node = &model->nodes[p->node];
        int products = reads_input(node, p) && !input_grad ? 2 : 3;
        sum += 2.0 * (double)p->count * uses(node) * products;
    }
    return sum;
}

enum { ROUNDS = 1 << 20 };

static void busy(void *self, size_t index)
{
    double *done = self;
    done[index] = weir_panels_widest()->busy(ROUNDS);
}

/* The best of a few tries: whatever else runs can only slow it down. */
double weir_peak_rate(void)
{
    enum { TRIES = 9, MOST = 1024 };
    double best = 0, done[MOST];
    size_t threads = (size_t)weir_threads();
    if (!weir_panels_widest() || threads > MOST) return (double)NAN;
    for (int i = 0; i < TRIES; i++) {
        double begin = weir_now(), sum = 0;
        weir_parallel(threads, busy, done);
        double seconds = weir_now() - begin;
        for (size_t k = 0; k < threads; k++) sum += done[k];
        best = fmax(best, sum / seconds);
    }
    return best;
}
