/* spirals: arms that wind around each other; the class is the arm.
 *
 *   arm k: r (cos a, sin a),  a = 2 pi (turns r + k / arms),  r evenly spaced in (0,1], plus noise
 *
 * Source: the two spirals of Lang & Witbrock, "Learning to tell two spirals apart", 1988 (three
 * turns), scaled to the unit disc.
 */
#include "base/intl.h"
#include "base/status.h"
#include "train/data/points.h"

struct spirals {
    weir_table_options table;
    weir_points_options points;
    size_t arms;
    double turns;
};

static const weir_option options[] = {
    WEIR_POINTS_OPTIONS(struct spirals, "1000", "0.3"),
    WEIR_NOISE_OPTION(struct spirals, "noise", "0.02",
                      N_("deviation of the noise on each coordinate")),
    WEIR_OPTION_SIZE(struct spirals, arms, "2", 2, N_("how many arms, and classes")),
    WEIR_OPTION_REAL(struct spirals, turns, "1.5", 0, 100, N_("how often an arm winds round")),
    {0}};

static weir_status open_spirals(weir_data *data, weir_error *err)
{
    const struct spirals *o = data->options;
    weir_points *p = weir_points_new(data, &o->points, 2);
    if (!p) return weir_fail_memory(err);
    size_t longest = (p->n + o->arms - 1) / o->arms;
    if (o->arms > p->n)
        return weir_config_fail(data->config, weir_data_key(data, "arms"), err,
                                _("%zu arms need at least as many points; n is %zu"), o->arms,
                                p->n);
    for (size_t i = 0; i < p->n; i++) {
        size_t arm = p->place[i] % o->arms, k = p->place[i] / o->arms;
        double r = (double)(k + 1) / (double)longest;
        double angle = 2 * M_PI * (o->turns * r + (double)arm / (double)o->arms);
        p->x[2 * i] = r * cos(angle);
        p->x[2 * i + 1] = r * sin(angle);
        p->label[i] = (int32_t)arm;
    }
    return weir_points_open(data, p, &o->table, err);
}

const weir_data_kind weir_data_spirals = {
    .name = "spirals",
    .doc = N_("arms that wind around each other"),
    .options_size = sizeof(struct spirals),
    .options = options,
    .open = open_spirals,
    .batch = weir_table_batch,
};
