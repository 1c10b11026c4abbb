/* xor: the corners of the unit square, (0,0) and (1,1) class 0, (0,1) and (1,0) class 1.
 *
 * Point i is corner i mod 4, plus normal noise: four points without noise are the truth table.
 */
#include "base/intl.h"
#include "base/status.h"
#include "train/data/points.h"

struct xor {
    weir_table_options table;
    weir_points_options points;
};

static const weir_option options[] = {
    WEIR_POINTS_OPTIONS(struct xor, "4", "0"),
    WEIR_NOISE_OPTION(struct xor, "noise", "0", N_("deviation of the noise on each coordinate")),
    {0}};

static weir_status open_xor(weir_data *data, weir_error *err)
{
    const struct xor *o = data->options;
    weir_points *p = weir_points_new(data, &o->points, 2);
    if (!p) return weir_fail_memory(err);
    for (size_t i = 0; i < p->n; i++) {
        int a = p->place[i] & 1, b = p->place[i] >> 1 & 1;
        p->x[2 * i] = a;
        p->x[2 * i + 1] = b;
        p->label[i] = a ^ b;
    }
    return weir_points_open(data, p, &o->table, err);
}

const weir_data_kind weir_data_xor = {
    .name = "xor",
    .doc = N_("whether two bits differ"),
    .options_size = sizeof(struct xor),
    .options = options,
    .open = open_xor,
    .batch = weir_table_batch,
};
