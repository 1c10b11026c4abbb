/* units: which of them still pass a gradient.
 *
 *   saturated  share of (unit, example) with |f'(z)| below 1 % of the largest |f'|
 *   dead       share of units with f'(z) = 0 on every example of every sample in the window
 *              (a unit of images is a channel, at all its places)
 *   gates      mean value, and the saturated share, of each gate of a recurrent layer
 *
 * The window of `dead` is the last WINDOW samples: a unit counts again once it has fired in one.
 */
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "flow/recorder.h"

enum { WINDOW = 3 };

struct units {
    unsigned char **silent; /* [nodes][features] samples in a row without a slope, up to WINDOW */
    real *slope;            /* scratch, as long as the largest activation so far */
    size_t room;
};

static weir_status open(weir_measure *m)
{
    const weir_model *model = m->recorder->model;
    weir_flow_record *record = m->recorder->record;
    struct units *u = m->self = weir_record_alloc(record, 1, sizeof *u);
    if (!u) return WEIR_MEMORY;
    u->silent = weir_record_alloc(record, model->count, sizeof *u->silent);
    if (!u->silent) return WEIR_MEMORY;
    for (size_t i = 0; i < model->count; i++) {
        u->silent[i] = weir_record_alloc(record, record->node[i].features, 1);
        if (!u->silent[i]) return WEIR_MEMORY;
    }
    return WEIR_OK;
}

static bool room_for(weir_measure *m, size_t n)
{
    struct units *u = m->self;
    if (n <= u->room) return true;
    u->slope = weir_record_alloc(m->recorder->record, n, sizeof *u->slope);
    u->room = u->slope ? n : 0;
    return u->slope != NULL;
}

/* slope [rows, units.count, units.inner]: whether unit j has one anywhere. */
static bool has_fired(const real *slope, size_t rows, weir_channels units, size_t j)
{
    for (size_t r = 0; r < rows; r++) {
        const real *own = slope + (r * units.count + j) * units.inner;
        for (size_t i = 0; i < units.inner; i++)
            if (own[i] != R(0.0)) return true;
    }
    return false;
}

/* Updates each unit's silence; returns the share of dead units. */
static double count_dead(const real *slope, size_t rows, weir_channels units,
                         unsigned char *silent)
{
    size_t dead = 0;
    for (size_t j = 0; j < units.count; j++) {
        bool fired = has_fired(slope, rows, units, j);
        silent[j] = (unsigned char)(fired ? 0 : silent[j] < WINDOW ? silent[j] + 1 : WINDOW);
        dead += silent[j] >= WINDOW;
    }
    return (double)dead / (double)units.count;
}

static void activation(weir_measure *m, const weir_node *node, const weir_tensor *z,
                       const weir_tensor *y)
{
    struct units *u = m->self;
    size_t n = weir_count(y), saturated = 0;
    if (!z || !node->kind->slope || !room_for(m, n)) return;
    node->kind->slope(node, n, z->f, u->slope);
    double bound = 0.01 * weir_largest_slope(node);
    for (size_t i = 0; i < n; i++) saturated += fabs((double)u->slope[i]) < bound;
    weir_node_flow *flow = &m->recorder->sample->node[node->index];
    flow->saturated = (double)saturated / (double)n;
    weir_channels units = weir_channels_of(node->channels, &y->shape);
    flow->dead = count_dead(u->slope, n / (units.count * units.inner), units,
                            u->silent[node->index]);
}

static void gates(weir_measure *m, size_t line, size_t gate, size_t rows, size_t n, size_t stride,
                  const real *value, real (*slope)(real value), double largest)
{
    double sum = 0;
    size_t saturated = 0;
    real bound = (real)(0.01 * largest);
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < n; j++) {
            real v = value[r * stride + j];
            sum += (double)v;
            saturated += r_abs(slope(v)) < bound;
        }
    weir_record_line *at = &m->recorder->record->line[line];
    at->bounded = slope(R(1.0)) == R(0.0); /* tanh, sigmoid: flat there */
    weir_line_flow *flow = &m->recorder->sample->line[line];
    flow->gate_mean[gate] = sum / (double)(rows * n);
    flow->gate_saturated[gate] = (double)saturated / (double)(rows * n);
}

const weir_measure_kind weir_measure_units = {
    .name = "units",
    .doc = N_("saturated and dead units, gate means"),
    .wants = WEIR_WANTS_ACTIVATION | WEIR_WANTS_GATES,
    .open = open,
    .activation = activation,
    .gates = gates,
};
