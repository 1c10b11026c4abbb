/* A net that can be timed, and its step: forward and backward, with or without a probe. */
#include "bench/bench.h"

#include "base/rng.h"
#include "base/status.h"
#include "tensor/vec.h"
#include "train/trainer.h"

void weir_bench_close(weir_bench_step *b)
{
    weir_pass_free(b->pass);
    weir_model_free(b->model);
    weir_config_free(b->config);
    weir_arena_free(&b->arena);
}

static weir_status draw(weir_bench_step *b, const weir_shape *shape, uint32_t which, double scale,
                        weir_tensor *out)
{
    *out = weir_tensor_alloc(&b->arena, shape);
    if (!out->data) return WEIR_MEMORY;
    weir_rng rng = weir_rng_make(1, WEIR_FOR_DATA, which, 0);
    for (size_t i = 0; i < weir_count(out); i++)
        out->f[i] = (real)(scale * weir_rng_normal(&rng));
    return WEIR_OK;
}

weir_status weir_bench_open(weir_bench_step *b, const weir_bench_kind *kind,
                            const weir_bench_size *size, weir_error *err)
{
    *b = (weir_bench_step){0};
    weir_text yaml = {0};
    weir_init_list inits = {0};
    weir_data data = {.x = kind->x(size)};
    weir_text_add(&yaml, "model:\n");
    kind->model(size, &yaml);
    weir_status status = yaml.failed ? weir_fail_memory(err)
                                     : weir_config_parse(yaml.s, "bench", &b->config, err);
    weir_text_free(&yaml);
    WEIR_TRY(status);
    WEIR_TRY(weir_assemble(b->config, &data, 1, &b->arena, &b->model, &inits, err));
    const weir_shape *y = &b->model->nodes[b->model->count - 1].shape;
    b->pass = weir_pass_new(b->model);
    if (!b->pass || draw(b, &data.x, 0, 1, &b->x) ||
        draw(b, y, 1, 1 / (double)weir_shape_count(y), &b->dy))
        return weir_fail_memory(err);
    b->pass->train = true;
    return WEIR_OK;
}

/* --- telemetry -------------------------------------------------------------------------------- */

static void on_grad_out(void *self, const weir_node *node, const weir_tensor *dy)
{
    weir_bench_step *b = self;
    (void)node;
    volatile double norm = weir_vec_norm2(weir_count(dy), dy->f);
    (void)norm;
    b->grads++;
}

static void on_grad_time(void *self, const weir_moment *where, double norm_h, double norm_c)
{
    weir_bench_step *b = self;
    (void)where, (void)norm_h, (void)norm_c;
    b->times++;
}

static void on_contribution(void *self, const weir_moment *where, const weir_parameter *p,
                            double norm2, double share, const real *matrix)
{
    weir_bench_step *b = self;
    (void)where, (void)p, (void)norm2, (void)share, (void)matrix;
    b->contributions++;
}

void weir_bench_listen(weir_bench_step *b, weir_telemetry telemetry)
{
    b->probe = (weir_probe){.self = b, .wants = WEIR_WANTS_GRAD_OUT | WEIR_WANTS_TIME,
                            .grad_out = on_grad_out, .grad_time = on_grad_time,
                            .step_contribution = on_contribution};
    if (telemetry >= WEIR_TELEMETRY_FULL) b->probe.wants |= WEIR_WANTS_CONTRIBUTIONS;
    if (telemetry >= WEIR_TELEMETRY_SHARES) b->probe.wants |= WEIR_WANTS_SHARES;
    b->pass->probe = telemetry == WEIR_TELEMETRY_OFF ? NULL : &b->probe;
}

weir_status weir_bench_take(weir_bench_step *b, weir_error *err)
{
    b->grads = b->times = b->contributions = 0;
    weir_vec_zero(b->model->weights, b->model->grads);
    WEIR_TRY(weir_pass_forward(b->pass, &b->x, err));
    WEIR_TRY(weir_pass_backward(b->pass, &b->dy, err));
    weir_pass_settle(b->pass);
    return WEIR_OK;
}
