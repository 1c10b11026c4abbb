#include "train/data/points.h"

#include "base/intl.h"
#include "base/status.h"

weir_points *weir_points_new(weir_data *data, const weir_points_options *o, size_t F)
{
    weir_arena *arena = &data->arena;
    weir_points *p = weir_arena_calloc(arena, 1, sizeof *p);
    if (!p) return NULL;
    uint64_t seed = o->random_state < 0 ? data->seed : (uint64_t)o->random_state;
    p->options = o;
    p->n = o->n;
    p->F = F;
    p->rng = weir_rng_make(seed, WEIR_FOR_DATA, 0, 0);
    p->x = weir_arena_calloc(arena, p->n * F, sizeof *p->x);
    p->label = weir_arena_calloc(arena, p->n, sizeof *p->label);
    p->place = weir_arena_calloc(arena, p->n, sizeof *p->place);
    if (!p->x || !p->label || !p->place) return NULL;
    weir_rng_permute(&p->rng, p->place, p->n);
    data->self = p;
    return p;
}

weir_status weir_points_open(weir_data *data, weir_points *p, const weir_table_options *table,
                             weir_error *err)
{
    for (size_t i = 0; p->options->noise > 0 && i < p->n * p->F; i++)
        p->x[i] += p->options->noise * weir_rng_normal(&p->rng);
    p->table = weir_table_of(table, data->kind->name, p->n,
                             weir_array_of(WEIR_F64, p->x, 2, (size_t[]){p->n, p->F}),
                             weir_array_of(WEIR_I32, p->label, 1, &p->n));
    p->table.x = weir_shape_of(1, p->F);
    p->table.labels = true;
    p->table.class_count = p->classes;
    p->table.classes = weir_data_wants_classes(data, p->options->classes, true);
    WEIR_TRY(weir_table_split(data, &p->table, err));
    return weir_table_open(data, &p->table, err);
}
