#include "train/data/grid.h"

#include "base/intl.h"
#include "base/status.h"

#include <math.h>
#include <strings.h>

struct grid {
    weir_data *data;
    bool nonfinite;
    weir_array *array;
    double *next;
    weir_error *err;
};

/* Sizes as the first list of every level has them. */
static weir_status measure(struct grid *g, const weir_yaml *node)
{
    weir_array *a = g->array;
    size_t bytes;
    for (const weir_yaml *n = node; n && n->type == WEIR_YAML_LIST; n = n->child) {
        if (a->rank == WEIR_ARRAY_RANK)
            return weir_config_fail(g->data->config, n, g->err, "%s", _("nested too deeply"));
        a->dim[a->rank++] = weir_yaml_count(n);
        if (!n->child)
            return weir_config_fail(g->data->config, n, g->err, "%s",
                                    _("numbers are needed in this list"));
    }
    return weir_array_measure(a, &bytes) ? WEIR_OK : weir_fail_memory(g->err);
}

static weir_status read_number(struct grid *g, const weir_yaml *node)
{
    double x = (double)NAN;
    if (strcasecmp(node->text, ".nan") != 0 && weir_real_read(node->text, &x))
        return weir_config_fail(g->data->config, node, g->err, _("\"%s\" is not a number"),
                                node->text);
    if (!isfinite(x) && !g->nonfinite)
        return weir_config_fail(g->data->config, node, g->err,
                                _("%s is not a finite number; mend it, or set allow_nonfinite: "
                                  "true"),
                                node->text);
    *g->next++ = x;
    return WEIR_OK;
}

static weir_status read_level(struct grid *g, const weir_yaml *node, size_t level)
{
    const weir_array *a = g->array;
    if (level == a->rank && node->type == WEIR_YAML_SCALAR) return read_number(g, node);
    if (level == a->rank || node->type != WEIR_YAML_LIST)
        return weir_config_fail(g->data->config, node, g->err, "%s",
                                level == a->rank ? _("a number belongs here, as in the rows before")
                                                 : _("a list belongs here, as in the rows before"));
    if (weir_yaml_count(node) != a->dim[level])
        return weir_config_fail(g->data->config, node, g->err,
                                _("this list has %zu items, but the first one has %zu"),
                                weir_yaml_count(node), a->dim[level]);
    for (const weir_yaml *c = node->child; c; c = c->next) WEIR_TRY(read_level(g, c, level + 1));
    return WEIR_OK;
}

weir_status weir_grid_read(weir_data *data, const weir_yaml *node, bool nonfinite, weir_array *out,
                           weir_error *err)
{
    *out = (weir_array){.type = WEIR_F64};
    struct grid g = {data, nonfinite, out, NULL, err};
    if (node->type != WEIR_YAML_LIST)
        return weir_config_fail(data->config, node, err, "%s", _("a list of numbers belongs here"));
    WEIR_TRY(measure(&g, node));
    g.next = weir_arena_alloc(&data->arena, out->count * sizeof *g.next);
    if (!g.next) return weir_fail_memory(err);
    out->data = g.next;
    return read_level(&g, node, 0);
}
