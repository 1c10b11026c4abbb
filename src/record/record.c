#include "record/record.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

struct memory {
    weir_arena arena;
    size_t losses, evals, samples; /* rooms of the three lists, which live on the heap */
};

weir_flow_record *weir_record_new(void)
{
    weir_flow_record *r = weir_calloc(1, sizeof *r);
    struct memory *m = weir_calloc(1, sizeof *m);
    if (!r || !m) {
        weir_free(r);
        weir_free(m);
        return NULL;
    }
    r->memory = m;
    r->source = "weir";
    r->constant_loss = r->constant_train_loss = r->clip_max_norm = (double)NAN;
    return r;
}

void weir_record_free(weir_flow_record *r)
{
    if (!r) return;
    struct memory *m = r->memory;
    weir_arena_free(&m->arena);
    weir_free(m);
    weir_free(r->loss);
    weir_free(r->eval);
    weir_free(r->sample);
    weir_free(r);
}

void *weir_record_alloc(weir_flow_record *r, size_t count, size_t size)
{
    return weir_arena_calloc(&((struct memory *)r->memory)->arena, count, size);
}

const char *weir_record_text(weir_flow_record *r, const char *text)
{
    return weir_arena_strdup(&((struct memory *)r->memory)->arena, text);
}

double *weir_record_numbers(weir_flow_record *r, size_t count)
{
    double *x = weir_record_alloc(r, count, sizeof *x);
    for (size_t i = 0; x && i < count; i++) x[i] = (double)NAN;
    return x;
}

/* The list with room for one more, which is zeroed; NULL when there is no memory. */
static void *add(void *list, size_t count, size_t *room, size_t size)
{
    if (count == *room) {
        size_t more = *room ? 2 * *room : 64;
        list = weir_realloc(list, more * size);
        if (!list) return NULL;
        *room = more;
    }
    memset((char *)list + count * size, 0, size);
    return list;
}

weir_loss_point *weir_record_add_loss(weir_flow_record *r)
{
    struct memory *m = r->memory;
    void *list = add(r->loss, r->losses, &m->losses, sizeof *r->loss);
    if (!list) return NULL;
    r->loss = list;
    return &r->loss[r->losses++];
}

weir_eval_point *weir_record_add_eval(weir_flow_record *r)
{
    struct memory *m = r->memory;
    void *list = add(r->eval, r->evals, &m->evals, sizeof *r->eval);
    if (!list) return NULL;
    r->eval = list;
    return &r->eval[r->evals++];
}

weir_sample *weir_record_add_sample(weir_flow_record *r)
{
    struct memory *m = r->memory;
    void *list = add(r->sample, r->samples, &m->samples, sizeof *r->sample);
    if (!list) return NULL;
    r->sample = list;
    weir_sample *s = &r->sample[r->samples];
    /* these structs hold nothing but doubles, until their arrays are asked for */
    s->node = (weir_node_flow *)(void *)weir_record_numbers(
        r, r->nodes * (sizeof *s->node / sizeof(double)));
    s->param = (weir_param_flow *)(void *)weir_record_numbers(
        r, r->params * (sizeof *s->param / sizeof(double)));
    s->line = weir_record_alloc(r, r->lines, sizeof *s->line);
    if (!s->node || !s->param || !s->line) return NULL;
    r->samples++;
    return s;
}

double weir_depth_gain(const weir_flow_record *r, const weir_sample *s, size_t *layers)
{
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (size_t i = 0; i < r->nodes; i++) {
        weir_part part = r->node[i].part;
        double norm = s->node[i].grad_norm;
        if ((part != WEIR_WEIGHTED && part != WEIR_RECURRENT) || !(norm > 0) || !isfinite(norm))
            continue;
        double x = n, y = log(norm);
        n++;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    if (layers) *layers = (size_t)n;
    if (n < 3) return (double)NAN;
    return exp(-(n * sxy - sx * sy) / (n * sxx - sx * sx)); /* backwards, hence the minus */
}

bool weir_record_has_depth(const weir_flow_record *r, size_t i)
{
    if (r->node[i].part != WEIR_WEIGHTED && r->node[i].part != WEIR_RECURRENT) return false;
    for (size_t k = r->samples; k-- > 0;)
        if (r->sample[k].node[i].grad_norm >= 0) return true;
    return r->samples == 0;
}

static bool flows(double norm)
{
    return norm > 0 && isfinite(norm);
}

const weir_sample *weir_record_flowing(const weir_flow_record *r, size_t first, size_t last)
{
    for (size_t k = r->samples; k-- > 0;) {
        const weir_sample *s = &r->sample[k];
        if (flows(s->node[first].grad_norm) && flows(s->node[last].grad_norm)) return s;
    }
    return NULL;
}
