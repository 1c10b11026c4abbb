/* circles: two circles around one centre, the outer class 0, the inner class 1.
 *
 *   outer (cos a, sin a), inner factor (cos a, sin a), angles a evenly spaced, plus normal noise
 *
 * Source: make_circles of scikit-learn.
 */
#include "base/intl.h"
#include "base/status.h"
#include "train/data/points.h"

struct circles {
    weir_table_options table;
    weir_points_options points;
    double factor;
};

static const weir_option options[] = {
    WEIR_POINTS_OPTIONS(struct circles, "1000", "0.3"),
    WEIR_NOISE_OPTION(struct circles, "noise", "0.1",
                      N_("deviation of the noise on each coordinate")),
    WEIR_OPTION_REAL(struct circles, factor, "0.8", 0, 1, N_("radius of the inner circle")),
    {0}};

static weir_status open_circles(weir_data *data, weir_error *err)
{
    const struct circles *o = data->options;
    weir_points *p = weir_points_new(data, &o->points, 2);
    if (!p) return weir_fail_memory(err);
    size_t outer = p->n / 2, inner = p->n - outer;
    for (size_t i = 0; i < p->n; i++) {
        size_t k = p->place[i];
        p->label[i] = k >= outer;
        double turn = k < outer ? (double)k / (double)outer : (double)(k - outer) / (double)inner;
        double radius = k < outer ? 1 : o->factor;
        p->x[2 * i] = radius * cos(2 * M_PI * turn);
        p->x[2 * i + 1] = radius * sin(2 * M_PI * turn);
    }
    return weir_points_open(data, p, &o->table, err);
}

const weir_data_kind weir_data_circles = {
    .name = "circles",
    .doc = N_("two noisy circles, one inside the other"),
    .options_size = sizeof(struct circles),
    .options = options,
    .open = open_circles,
    .batch = weir_table_batch,
};
