/* The net and its gradient flow, for the terminal. */
#include "base/intl.h"
#include "record/record.h"
#include "show/show.h"

#include <math.h>
#include <stdio.h>

static const weir_sample *newest(const weir_flow_record *r)
{
    return r->samples ? &r->sample[r->samples - 1] : NULL;
}

static const weir_sample *newest_with_lag(const weir_flow_record *r)
{
    for (size_t i = r->samples; i-- > 0;)
        if (r->sample[i].lag) return &r->sample[i];
    return NULL;
}

static const char *plural_count(size_t n, char buffer[32])
{
    if (n >= 10000000)
        snprintf(buffer, 32, "%.1fM", (double)n / 1e6);
    else if (n >= 100000)
        snprintf(buffer, 32, "%.0fk", (double)n / 1e3);
    else
        snprintf(buffer, 32, "%zu", n);
    return buffer;
}

/* How many nodes from i on repeat the ones before them with the period `period`. */
static size_t repeats(const weir_flow_record *r, size_t i, size_t period)
{
    size_t n = 0;
    while (i + period + n < r->nodes) {
        const weir_record_node *a = &r->node[i + n], *b = &r->node[i + period + n];
        if (a->kind != b->kind || a->features != b->features || a->parameters != b->parameters)
            break;
        n++;
    }
    return n / period;
}

static void network_row(weir_canvas *c, const weir_flow_record *r, size_t i)
{
    char buffer[32];
    const weir_record_node *n = &r->node[i];
    weir_text_add(c->out, "  ");
    weir_paint_cell(c, WEIR_PLAIN, 14, n->name);
    weir_paint_cell(c, WEIR_PLAIN, 16, n->kind);
    weir_text_printf(c->out, "%8zu", n->features);
    if (n->parameters)
        weir_text_printf(c->out, "  %11s", plural_count(n->parameters, buffer));
    weir_text_add(c->out, "\n");
}

void weir_show_network(weir_canvas *c, const weir_flow_record *r)
{
    char buffer[32];
    size_t total = 0;
    for (size_t i = 0; i < r->nodes; i++) total += r->node[i].parameters;
    weir_paint_heading(c, _("The net"));
    weir_text_add(c->out, "  ");
    weir_paint_cell(c, WEIR_DIM, 14, _("layer"));
    weir_paint_cell(c, WEIR_DIM, 16, _("kind"));
    weir_paint_right(c, WEIR_DIM, 8, _("width"));
    weir_paint_right(c, WEIR_DIM, 13, _("parameters"));
    weir_text_add(c->out, "\n");
    for (size_t i = 0; i < r->nodes;) {
        size_t period = 1, times = 0;
        for (size_t p = 1; p <= 4 && times < 2; p++) {
            times = repeats(r, i, p);
            period = p;
        }
        if (times < 2) {
            network_row(c, r, i++);
            continue;
        }
        for (size_t k = 0; k < period; k++) network_row(c, r, i + k);
        weir_text_add(c->out, "  ");
        weir_paint(c, WEIR_DIM, _("... the same %zu times more\n"), times);
        i += period * (times + 1);
    }
    weir_text_add(c->out, "  ");
    weir_paint(c, WEIR_BOLD, _("%s parameters"), plural_count(total, buffer));
    if (r->window) weir_paint(c, WEIR_PLAIN, _(", windows of %zu steps"), r->window);
    weir_text_add(c->out, "\n");
}

/* The gradient over depth, as one sample has it. */
struct depth {
    const weir_sample *sample;
    size_t layers, first, last;
    double low, high; /* the smallest and the largest number above 0 */
};

static struct depth find_depth(const weir_flow_record *r)
{
    struct depth d = {.low = (double)INFINITY};
    for (size_t i = 0; i < r->nodes; i++) {
        if (!weir_record_has_depth(r, i)) continue;
        if (!d.layers++) d.first = i;
        d.last = i;
    }
    const weir_sample *flowing = d.layers ? weir_record_flowing(r, d.first, d.last) : NULL;
    d.sample = flowing ? flowing : newest(r);
    for (size_t i = 0; d.sample && i < r->nodes; i++) {
        double g = d.sample->node[i].grad_norm;
        if (!weir_record_has_depth(r, i) || !(g > 0) || !isfinite(g)) continue;
        d.low = fmin(d.low, g);
        d.high = fmax(d.high, g);
    }
    if (d.high / d.low < 10) d.low = d.high / 10;
    return d;
}

static void depth_row(weir_canvas *c, const weir_record_node *node, const struct depth *d, double g)
{
    char buffer[32], name[200];
    snprintf(name, sizeof name, "%.*s %s", (int)weir_text_fit(node->name, 40), node->name,
             node->kind);
    weir_text_add(c->out, "  ");
    weir_paint_cell(c, WEIR_PLAIN, 18, name);
    weir_text_printf(c->out, "%8s ", weir_number(g, buffer));
    weir_ink ink = g < 0.01 * d->high ? WEIR_RED : g < 0.1 * d->high ? WEIR_YELLOW : WEIR_GREEN;
    weir_paint_log_bar(c, c->width > 60 ? c->width - 32 : 28, g, d->low / 1.5, d->high, ink);
    weir_text_add(c->out, "\n");
}

void weir_show_depth(weir_canvas *c, const weir_flow_record *r)
{
    struct depth d = find_depth(r);
    char caption[200], times[32], total[32];
    if (d.layers < 2 || !d.sample) return;
    weir_paint_heading(c, _("Gradient by layer"));
    snprintf(caption, sizeof caption,
             _("|dL/dy| at step %llu, the input at the top, the loss below, log scale"),
             (unsigned long long)d.sample->step + 1);
    weir_text_add(c->out, "  ");
    weir_paint_wrapped(c, 2, 2, caption);
    if (!(d.high > 0)) {
        weir_text_printf(c->out, _("  0 everywhere: no gradient comes to any layer\n"));
        return;
    }
    for (size_t i = 0; i < r->nodes; i++)
        if (weir_record_has_depth(r, i))
            depth_row(c, &r->node[i], &d, d.sample->node[i].grad_norm);
    double first = d.sample->node[d.first].grad_norm, last = d.sample->node[d.last].grad_norm;
    if (!(first > 0 && last > 0)) return;
    weir_text_printf(c->out, _("  from the last layer to the first: x %s; each layer back: x %s\n"),
                     weir_number(first / last, total),
                     weir_number(pow(first / last, 1 / ((double)d.layers - 1)), times));
}

/* Lags worth a row: 0, 1, 2, 3, 5, 8, 13, .. and the last. */
static size_t next_lag(size_t k, size_t last)
{
    size_t a = 1, b = 2;
    if (k < 2) return k + 1;
    while (b <= k) {
        size_t sum = a + b;
        a = b;
        b = sum;
    }
    return b > last && k < last ? last : b;
}

static void lag_rows(weir_canvas *c, const weir_lag_flow *lag)
{
    size_t last = lag->lags - 1;
    double high = 1, low = 1e-4;
    while (last > 0 && isnan(lag->joint[last])) last--;
    for (size_t k = 0; k <= last; k++) high = fmax(high, lag->joint[k]);
    for (size_t k = 0; k <= last; k = next_lag(k, last)) {
        char buffer[32];
        double G = lag->joint[k];
        weir_text_printf(c->out, _("  %5zu back "), k);
        weir_text_printf(c->out, "%9s ", G == 0 ? "<1e-30" : weir_number(G, buffer));
        weir_ink ink = G < 0.01 ? WEIR_RED : G < exp(-1) ? WEIR_YELLOW : WEIR_GREEN;
        weir_paint_log_bar(c, c->width > 60 ? c->width - 28 : 30, G, low, high, ink);
        weir_text_add(c->out, "\n");
        if (G < low / 10 && k < last) break;
    }
}

static const char *lag_text(size_t k, const weir_lag_flow *lag, char buffer[32])
{
    snprintf(buffer, 32, k < lag->lags ? "%zu" : "> %zu", k < lag->lags ? k : lag->lags - 1);
    return buffer;
}

void weir_show_time(weir_canvas *c, const weir_flow_record *r)
{
    const weir_sample *s = newest_with_lag(r);
    if (!s || !r->lines) return;
    weir_paint_heading(c, _("Gradient back in time"));
    weir_text_add(c->out, "  ");
    weir_paint_wrapped(
        c, 2, 2, _("how much of one step's gradient is left so many steps before, log scale"));
    for (size_t i = 0; i < r->lines; i++) {
        const weir_lag_flow *lag = &s->lag[i];
        const weir_record_line *line = &r->line[i];
        char horizon[32], reach[32], half[32];
        if (r->lines > 1) {
            weir_text_add(c->out, "  ");
            weir_paint(c, WEIR_BOLD, _("%s (%s), layer %zu%s\n"), r->node[line->node].name,
                       r->node[line->node].kind, line->layer,
                       line->direction ? _(", backwards") : "");
        }
        if (!lag->lags) {
            weir_text_printf(c->out, _("  no gradient comes to it\n"));
            continue;
        }
        lag_rows(c, lag);
        bool shrinks = lag->half_life > 0 && isfinite(lag->half_life);
        const char *half_life = isnan(lag->half_life) ? "-" : _("none, it grows");
        weir_text_printf(c->out,
                         _("  horizon (1/e left): %s   reach (1 %% left): %s   half-life: %s\n"),
                         lag_text(lag->horizon, lag, horizon), lag_text(lag->reach, lag, reach),
                         shrinks ? weir_number(lag->half_life, half) : half_life);
    }
}
