/* What the units, gates, time steps and clipping did, for the terminal. */
#include "base/intl.h"
#include "record/record.h"
#include "show/show.h"

#include <math.h>
#include <stdio.h>

static const weir_sample *newest(const weir_flow_record *r)
{
    return r->samples ? &r->sample[r->samples - 1] : NULL;
}

enum { NAME = 240 }; /* bytes of a line's name */

/* "1 lstm" */
static int node_name(const weir_record_node *n, char buffer[NAME])
{
    return snprintf(buffer, NAME, "%.*s %s", (int)weir_text_fit(n->name, 40), n->name, n->kind);
}

/* The name of a line's node, with its layer where there are several. */
static const char *line_name(const weir_flow_record *r, size_t i, char buffer[NAME])
{
    const weir_record_line *line = &r->line[i];
    const weir_record_node *node = &r->node[line->node];
    bool alone = r->lines == 1 || (line->layer == 0 && (i + 1 == r->lines ||
                                                        r->line[i + 1].node != line->node));
    int used = node_name(node, buffer);
    if (!alone)
        snprintf(buffer + used, NAME - (size_t)used, _(", layer %zu%s"), line->layer,
                 line->direction ? _(" backwards") : "");
    return buffer;
}

/* "12.5 %", coloured by what is worth a look; nothing for what was not measured. */
static void share_cell(weir_canvas *c, double share, double yellow, double red)
{
    char text[32] = "";
    if (isnan(share)) return;
    snprintf(text, sizeof text, "%.1f %%", 100 * share);
    weir_ink ink = share > red ? WEIR_RED : share > yellow ? WEIR_YELLOW : WEIR_PLAIN;
    weir_paint_right(c, ink, 12, text);
}

/* --- units ------------------------------------------------------------------------------------ */

static bool has_units(const weir_flow_record *r, const weir_sample *s)
{
    bool any = false;
    for (size_t i = 0; i < r->nodes; i++) any |= !isnan(s->node[i].saturated);
    for (size_t i = 0; i < r->lines; i++) any |= r->line[i].gates > 0;
    return any;
}

static void node_row(weir_canvas *c, const weir_record_node *n, const weir_node_flow *f)
{
    char name[NAME], mean[32], deviation[32], line[96];
    node_name(n, name);
    weir_text_add(c->out, "  ");
    weir_paint_cell(c, WEIR_PLAIN, 26, name);
    snprintf(line, sizeof line, "%9s  %9s ", weir_number(f->mean, mean),
             weir_number(sqrt(f->variance), deviation));
    weir_text_add(c->out, line);
    share_cell(c, f->saturated, 0.5, 0.9);
    share_cell(c, f->dead, 0.2, 0.5);
    weir_text_add(c->out, "\n");
}

static void gate_row(weir_canvas *c, const char *gate, double mean, double saturated)
{
    char name[96], number[32], line[64];
    snprintf(name, sizeof name, _("  gate %s"), gate);
    weir_text_add(c->out, "  ");
    weir_paint_cell(c, WEIR_PLAIN, 26, name);
    snprintf(line, sizeof line, "%9s  %9s ", weir_number(mean, number), "");
    weir_text_add(c->out, line);
    share_cell(c, saturated, 0.5, 0.9);
    weir_text_add(c->out, "\n");
}

void weir_show_units(weir_canvas *c, const weir_flow_record *r)
{
    const weir_sample *s = newest(r);
    if (!s || !has_units(r, s)) return;
    weir_paint_heading(c, _("Units"));
    weir_text_add(c->out, "  ");
    weir_paint_cell(c, WEIR_DIM, 26, _("layer"));
    weir_paint_right(c, WEIR_DIM, 9, _("mean"));
    weir_paint_right(c, WEIR_DIM, 11, _("deviation"));
    weir_paint_right(c, WEIR_DIM, 12, _("saturated"));
    weir_paint_right(c, WEIR_DIM, 12, _("dead"));
    weir_text_add(c->out, "\n");
    for (size_t i = 0; i < r->nodes; i++) {
        if (!isnan(s->node[i].saturated)) node_row(c, &r->node[i], &s->node[i]);
        for (size_t k = 0; k < r->lines; k++) {
            const weir_record_line *line = &r->line[k];
            char name[NAME];
            if (line->node != i || !line->gates) continue;
            weir_text_printf(c->out, "  %s\n", line_name(r, k, name));
            for (size_t g = 0; g < line->gates; g++)
                gate_row(c, line->gate[g], s->line[k].gate_mean[g], s->line[k].gate_saturated[g]);
        }
    }
    weir_paint(c, WEIR_DIM, "%s",
               /* xgettext:no-c-format */
               _("  saturated: slope below 1 % of its largest; dead: no slope on any example\n"));
}

/* --- contributions of time steps -------------------------------------------------------------- */

/* The sum of the numbers that were measured in part q of four. */
static double quarter(const double *x, size_t T, size_t q)
{
    double sum = 0;
    for (size_t t = q * T / 4; t < (q + 1) * T / 4; t++)
        if (!isnan(x[t])) sum += x[t];
    return sum;
}

static bool measured(const double *x, size_t n)
{
    for (size_t i = 0; x && i < n; i++)
        if (!isnan(x[i])) return true;
    return false;
}

static void contribution_row(weir_canvas *c, const char *weight, const double *norm,
                             const double *share, size_t T)
{
    char first[32], last[32];
    if (!measured(norm, T)) return;
    weir_text_add(c->out, "    ");
    weir_paint_cell(c, WEIR_PLAIN, 11, weight);
    weir_paint_spark(c, c->width > 70 ? c->width - 20 : 50, norm, T);
    weir_text_printf(c->out, _("\n               |g| %s at the first step, %s at the last"),
                     weir_number(norm[0], first), weir_number(norm[T - 1], last));
    if (!measured(share, T)) {
        weir_text_add(c->out, "\n");
        return;
    }
    weir_text_printf(c->out,
                     _("\n               shares of the quarters: %.0f, %.0f, %.0f and %.0f %%\n"),
                     100 * quarter(share, T, 0), 100 * quarter(share, T, 1),
                     100 * quarter(share, T, 2), 100 * quarter(share, T, 3));
}

void weir_show_contributions(weir_canvas *c, const weir_flow_record *r)
{
    const weir_sample *s = newest(r);
    bool any = false;
    for (size_t i = 0; s && i < r->lines; i++)
        any |= r->line[i].T >= 4 && measured(s->line[i].contribution_hh, r->line[i].T);
    if (!any) return;
    weir_paint_heading(c, _("What each time step adds to the weights' gradient"));
    for (size_t i = 0; i < r->lines; i++) {
        const weir_line_flow *f = &s->line[i];
        char name[NAME];
        if (r->line[i].T < 4) continue;
        weir_text_printf(c->out, "  %s\n", line_name(r, i, name));
        contribution_row(c, "weight_ih", f->contribution_ih, f->share_ih, r->line[i].T);
        contribution_row(c, "weight_hh", f->contribution_hh, f->share_hh, r->line[i].T);
    }
}

/* --- clipping, and what is not finite --------------------------------------------------------- */

void weir_show_clipping(weir_canvas *c, const weir_flow_record *r)
{
    size_t engaged = 0;
    double sum = 0;
    char bound[32];
    if (isnan(r->clip_max_norm) || !r->losses) return;
    for (size_t i = 0; i < r->losses; i++) {
        if (!(r->loss[i].clip < 1)) continue;
        engaged++;
        sum += r->loss[i].clip;
    }
    weir_paint_heading(c, _("Clipping"));
    weir_text_printf(c->out, _("  at norm %s it engaged in %.0f %% of the steps"),
                     weir_number(r->clip_max_norm, bound),
                     100 * (double)engaged / (double)r->losses);
    if (engaged)
        weir_text_printf(c->out, _(", by a factor of %.2g on average"), sum / (double)engaged);
    weir_text_add(c->out, "\n");
}

void weir_show_nonfinite(weir_canvas *c, const weir_flow_record *r)
{
    char where[400];
    if (!r->nonfinite.found) return;
    weir_paint_heading(c, _("Not finite"));
    weir_text_add(c->out, "  ");
    weir_paint(c, WEIR_RED, _("the first such number: in %s, training step %llu\n"),
               weir_nonfinite_words(r, where, sizeof where),
               (unsigned long long)r->nonfinite.step + 1);
}
