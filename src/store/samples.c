/* The samples of a stored record: what was measured of nodes, parameters, lines and lags. */
#include "store/reader.h"

#include "base/status.h"

#include <math.h>

static bool open_line(weir_flow_record *record, const weir_record_line *line, weir_line_flow *f)
{
    f->grad_h = weir_record_numbers(record, line->T);
    f->contribution_ih = weir_record_numbers(record, line->T);
    f->contribution_hh = weir_record_numbers(record, line->T);
    f->share_ih = weir_record_numbers(record, line->T);
    f->share_hh = weir_record_numbers(record, line->T);
    return f->grad_h && f->contribution_ih && f->contribution_hh && f->share_ih && f->share_hh;
}

static weir_status take_sample(weir_reader *r, const weir_row *row)
{
    weir_flow_record *record = r->record;
    weir_sample *sample = weir_record_add_sample(record);
    if (!sample) return weir_fail_memory(r->err);
    sample->step = row->key[0];
    for (size_t i = 0; i < record->lines; i++)
        if (!open_line(record, &record->line[i], &sample->line[i])) return weir_fail_memory(r->err);
    return weir_row_fields(r, row, sample);
}

/* The sample of a row, and its second key as an index below `most`; NULL when there is no such. */
static weir_sample *sample_of(weir_reader *r, const weir_row *row, size_t most)
{
    weir_flow_record *record = r->record;
    while (r->sample < record->samples && record->sample[r->sample].step < row->key[0]) r->sample++;
    bool there = r->sample < record->samples && record->sample[r->sample].step == row->key[0];
    return there && row->key[1] < most ? &record->sample[r->sample] : NULL;
}

static weir_status take_node_flow(weir_reader *r, const weir_row *row)
{
    weir_sample *s = sample_of(r, row, r->record->nodes);
    if (!s) return weir_fail_damaged(r, row->table->name);
    return weir_row_fields(r, row, &s->node[row->key[1]]);
}

static weir_status take_parameter_flow(weir_reader *r, const weir_row *row)
{
    weir_sample *s = sample_of(r, row, r->record->params);
    if (!s) return weir_fail_damaged(r, row->table->name);
    return weir_row_fields(r, row, &s->param[row->key[1]]);
}

/* A line whose cell states were never measured keeps grad_c NULL. */
static weir_status take_time_flow(weir_reader *r, const weir_row *row)
{
    weir_sample *s = sample_of(r, row, r->record->lines);
    size_t i = (size_t)row->key[1], t = (size_t)row->key[2];
    weir_time_row v;
    if (!s || row->key[2] >= r->record->line[i].T) return weir_fail_damaged(r, row->table->name);
    WEIR_TRY(weir_row_fields(r, row, &v));
    weir_line_flow *f = &s->line[i];
    if (!isnan(v.grad_c) && !f->grad_c) {
        f->grad_c = weir_record_numbers(r->record, r->record->line[i].T);
        if (!f->grad_c) return weir_fail_memory(r->err);
    }
    f->grad_h[t] = v.grad_h;
    if (f->grad_c) f->grad_c[t] = v.grad_c;
    f->contribution_ih[t] = v.contribution_ih;
    f->contribution_hh[t] = v.contribution_hh;
    f->share_ih[t] = v.share_ih;
    f->share_hh[t] = v.share_hh;
    return WEIR_OK;
}

static weir_status take_gate_flow(weir_reader *r, const weir_row *row)
{
    weir_sample *s = sample_of(r, row, r->record->lines);
    weir_gate_flow_row v;
    if (!s || row->key[2] >= r->record->line[row->key[1]].gates)
        return weir_fail_damaged(r, row->table->name);
    WEIR_TRY(weir_row_fields(r, row, &v));
    s->line[row->key[1]].gate_mean[row->key[2]] = v.mean;
    s->line[row->key[1]].gate_saturated[row->key[2]] = v.saturated;
    return WEIR_OK;
}

static weir_status take_lag(weir_reader *r, const weir_row *row)
{
    weir_flow_record *record = r->record;
    weir_sample *s = sample_of(r, row, record->lines);
    if (!s) return weir_fail_damaged(r, row->table->name);
    if (!s->lag) s->lag = weir_record_alloc(record, record->lines, sizeof *s->lag);
    if (!s->lag) return weir_fail_memory(r->err);
    weir_lag_flow *lag = &s->lag[row->key[1]];
    WEIR_TRY(weir_row_fields(r, row, lag));
    if (lag->lags > WEIR_MOST_ROWS) return weir_fail_damaged(r, row->table->name);
    lag->h = weir_record_numbers(record, lag->lags);
    lag->joint = weir_record_numbers(record, lag->lags);
    return lag->h && lag->joint ? WEIR_OK : weir_fail_memory(r->err);
}

static weir_status take_lag_flow(weir_reader *r, const weir_row *row)
{
    weir_sample *s = sample_of(r, row, r->record->lines);
    weir_lag_flow *lag = s && s->lag ? &s->lag[row->key[1]] : NULL;
    weir_lag_row v;
    if (!lag || row->key[2] >= lag->lags) return weir_fail_damaged(r, row->table->name);
    WEIR_TRY(weir_row_fields(r, row, &v));
    if (!isnan(v.c) && !lag->c) lag->c = weir_record_numbers(r->record, lag->lags);
    if (!isnan(v.c) && !lag->c) return weir_fail_memory(r->err);
    lag->h[row->key[2]] = v.h;
    if (lag->c) lag->c[row->key[2]] = v.c;
    lag->joint[row->key[2]] = v.joint;
    return WEIR_OK;
}

/* Who looks at a lag profile finds one for every line. */
static weir_status check_lags(weir_reader *r)
{
    for (size_t i = 0; i < r->record->samples; i++)
        for (size_t k = 0; k < r->record->lines && r->record->sample[i].lag; k++)
            if (!r->record->sample[i].lag[k].h) return weir_fail_damaged(r, "lag");
    return WEIR_OK;
}

weir_status weir_read_samples(weir_reader *r)
{
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_SAMPLE, take_sample));
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_NODE_FLOW, take_node_flow));
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_PARAMETER_FLOW, take_parameter_flow));
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_TIME_FLOW, take_time_flow));
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_GATE_FLOW, take_gate_flow));
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_LAG, take_lag));
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_LAG_FLOW, take_lag_flow));
    return check_lags(r);
}
