/* What every layer of the registry owes, whatever it is: right gradients, the same bits on any
 * number of threads, no memory in a step that repeats, sentences for input that does not fit. */
#include "tests/one_layer.h"

#include <stdlib.h>

/* --- every layer, every example, every shape that fits --------------------------------------- */

static weir_shape ids_of(size_t rows, size_t columns)
{
    weir_shape shape = weir_shape_of(2, rows, columns);
    shape.dtype = WEIR_INT32;
    return shape;
}

enum { SHAPES = 7 };

static void small_shapes(weir_shape shape[SHAPES])
{
    shape[0] = weir_shape_of(2, (size_t)4, (size_t)5);
    shape[1] = weir_shape_of(3, (size_t)3, (size_t)4, (size_t)5);
    shape[2] = weir_shape_of(3, (size_t)3, (size_t)5, (size_t)4);
    shape[3] = weir_shape_of(4, (size_t)2, (size_t)5, (size_t)3, (size_t)2);
    shape[4] = weir_shape_of(1, (size_t)5);
    shape[5] = ids_of(3, 4);
    shape[6] = weir_shape_of(4, (size_t)2, (size_t)4, (size_t)5, (size_t)6);
}

/* More rows, and more numbers, than any cut of the work. */
static void large_shapes(weir_shape shape[SHAPES])
{
    shape[0] = weir_shape_of(2, (size_t)4000, (size_t)5);
    shape[1] = weir_shape_of(3, (size_t)1000, (size_t)4, (size_t)5);
    shape[2] = weir_shape_of(3, (size_t)40, (size_t)5, (size_t)100);
    shape[3] = weir_shape_of(4, (size_t)20, (size_t)5, (size_t)15, (size_t)15);
    shape[4] = weir_shape_of(2, (size_t)40, (size_t)500);
    shape[5] = ids_of(100, 40);
    shape[6] = weir_shape_of(4, (size_t)20, (size_t)4, (size_t)30, (size_t)31);
}

/* Training and not; a sequence whole and padded. */
static void for_each_mode(one_layer *n, void (*check)(one_layer *n))
{
    static const int32_t lengths[] = {3, 1, 2, 3, 2};
    for (int train = 1; train >= 0; train--)
        for (int padded = 0; padded <= (n->x.shape.rank == 3); padded++) {
            n->pass->train = train;
            n->pass->lengths = padded ? lengths : NULL;
            check(n);
        }
}

static void for_each_fit(const weir_layer_kind *kind, const char *example,
                         const weir_shape shape[SHAPES], void (*check)(one_layer *n))
{
    size_t fits = 0;
    weir_error err = {0};
    for (size_t s = 0; s < SHAPES; s++) {
        one_layer n;
        err = (weir_error){0};
        if (!one_layer_open(&n, kind, example, &shape[s], &err)) continue;
        if (n.node->shape.dtype == WEIR_FLOAT) for_each_mode(&n, check);
        one_layer_close(&n);
        fits++;
    }
    if (!fits) fail_msg("%s: %s fits no shape: %s", kind->name, example, err.text);
}

static void for_every_layer(void (*shapes)(weir_shape[SHAPES]), void (*check)(one_layer *n))
{
    weir_shape shape[SHAPES];
    shapes(shape);
    for (const weir_layer_kind *const *kind = weir_layer_kinds; *kind; kind++) {
        assert_non_null((*kind)->examples);
        assert_non_null((*kind)->examples[0]);
        for (const char *const *example = (*kind)->examples; *example; example++)
            for_each_fit(*kind, *example, shape, check);
    }
}

/* --- gradients ------------------------------------------------------------------------------- */

#if REAL_BITS == 64

/* Options that change backward on purpose and not forward; the layers' own tests see to them. */
static bool cuts_the_gradient(const weir_node *node)
{
    const weir_option *detach = weir_option_find(node->kind->options, "detach");
    const weir_option *truncate = weir_option_find(node->kind->options, "truncate");
    const char *options = node->options;
    return (detach && *(const bool *)(options + detach->offset)) ||
           (truncate && *(const size_t *)(options + truncate->offset) > 0);
}

static double weighted_output(one_layer *n)
{
    const real *y = one_layer_forward(n);
    return weir_vec_dot(weir_count(&n->dy), y, n->dy.f);
}

/* Central differences: with step h they err by h^2 f'''/6 and by eps f / h, 1e-10 either way. */
static void differences(one_layer *n, size_t count, real *value, real *slope)
{
    const double h = 1e-5;
    for (size_t i = 0; i < count; i++) {
        real kept = value[i];
        value[i] = kept + h;
        double above = weighted_output(n), step = value[i];
        value[i] = kept - h;
        slope[i] = (above - weighted_output(n)) / (step - value[i]);
        value[i] = kept;
    }
}

static void assert_close(const one_layer *n, const char *what, size_t count, const real *analytic,
                         const real *numeric)
{
    double gap2 = 0;
    double size2 = fmax(weir_vec_squares(count, analytic), weir_vec_squares(count, numeric));
    for (size_t i = 0; i < count; i++)
        gap2 += (analytic[i] - numeric[i]) * (analytic[i] - numeric[i]);
    if (!(sqrt(gap2) <= 1e-6 * sqrt(size2)))
        fail_msg("%s, %s%s: |d%s| = %.6g, but it is off by %.3g", n->label,
                 n->pass->train ? "train" : "eval", n->pass->lengths ? ", padded" : "", what,
                 sqrt(size2), sqrt(gap2));
}

static void check_gradients(one_layer *n)
{
    if (cuts_the_gradient(n->node)) return;
    size_t count = weir_count(&n->x);
    one_layer_forward(n);
    const real *dx = one_layer_backward(n);
    bool numbers = n->x.shape.dtype == WEIR_FLOAT;
    real *dx_kept = one_layer_copy(n, numbers ? count : 0, dx);
    real *numeric = one_layer_copy(n, count + n->model->weights, n->model->grads);
    if (numbers) {
        differences(n, count, n->x.f, numeric);
        assert_close(n, "x", count, dx_kept, numeric);
    }
    for (size_t i = 0; i < n->model->params_count; i++) {
        const weir_parameter *p = &n->model->params[i];
        differences(n, p->count, p->value, numeric);
        assert_close(n, p->name, p->count, p->grad, numeric);
    }
}

static void gradients_agree_with_differences(void **state)
{
    (void)state;
    for_every_layer(small_shapes, check_gradients);
}

#endif

/* Backward is linear in dy, and a factor of 2 rounds nothing: all doubles, to the last bit. */
static void check_doubling(one_layer *n)
{
    size_t count = n->x.shape.dtype == WEIR_FLOAT ? weir_count(&n->x) : 0;
    size_t weights = n->model->weights;
    const real *y = one_layer_forward(n);
    assert_int_equal(weir_vec_first_nonfinite(weir_count(&n->dy), y), weir_count(&n->dy));
    real *dx = one_layer_copy(n, count, one_layer_backward(n));
    real *grads = one_layer_copy(n, weights, n->model->grads);
    assert_int_equal(weir_vec_first_nonfinite(count, dx), count);
    assert_int_equal(weir_vec_first_nonfinite(weights, grads), weights);
    weir_vec_scale(weir_count(&n->dy), R(2.0), n->dy.f);
    weir_vec_scale(count, R(2.0), dx);
    weir_vec_scale(weights, R(2.0), grads);
    assert_same_bits(n->label, "2 dx", count, dx, one_layer_backward(n));
    assert_same_bits(n->label, "2 dW", weights, grads, n->model->grads);
}

static void doubled_dy_doubles_all(void **state)
{
    (void)state;
    for_every_layer(small_shapes, check_doubling);
}

static void check_repeat(one_layer *n)
{
    size_t count = n->x.shape.dtype == WEIR_FLOAT ? weir_count(&n->x) : 0;
    size_t weights = n->model->weights;
    one_layer_forward(n);
    real *dx = one_layer_copy(n, count, one_layer_backward(n));
    real *grads = one_layer_copy(n, weights, n->model->grads);
    assert_same_bits(n->label, "dx of a second backward", count, dx, one_layer_backward(n));
    assert_same_bits(n->label, "dW of a second backward", weights, grads, n->model->grads);
}

static void backward_repeats(void **state)
{
    (void)state;
    for_every_layer(small_shapes, check_repeat);
}

/* Whether one gradient is wanted does not touch the other. */
static void check_halves(one_layer *n)
{
    size_t count = n->x.shape.dtype == WEIR_FLOAT ? weir_count(&n->x) : 0;
    size_t weights = n->model->weights;
    one_layer_forward(n);
    real *dx = one_layer_copy(n, count, one_layer_backward(n));
    real *grads = one_layer_copy(n, weights, n->model->grads);
    n->pass->want_dx = false;
    one_layer_backward(n);
    assert_same_bits(n->label, "dW without dx", weights, grads, n->model->grads);
    n->pass->want_dx = true;
    n->pass->param_grads = false;
    assert_same_bits(n->label, "dx without dW", count, dx, one_layer_backward(n));
    for (size_t i = 0; i < weights; i++)
        if (n->model->grads[i] != R(0.0)) fail_msg("%s: dW came though unwanted", n->label);
    n->pass->param_grads = true;
}

static void halves_are_independent(void **state)
{
    (void)state;
    for_every_layer(small_shapes, check_halves);
}

/* Parameter gradients are added to what is there. Overwriting would be off by half; rounding is far
 * below a thousandth. */
static void check_adding(one_layer *n)
{
    size_t weights = n->model->weights;
    weir_error err = {0};
    one_layer_forward(n);
    one_layer_backward(n);
    real *twice = one_layer_copy(n, weights, n->model->grads);
    assert_ok(weir_pass_backward(n->pass, &n->dy, &err), err);
    for (size_t i = 0; i < weights; i++) twice[i] = n->model->grads[i] - R(2.0) * twice[i];
    if (weir_vec_squares(weights, twice) > 1e-6 * weir_vec_squares(weights, n->model->grads))
        fail_msg("%s: parameter gradients are not added", n->label);
}

static void parameter_gradients_add_up(void **state)
{
    (void)state;
    for_every_layer(small_shapes, check_adding);
}

/* --- threads and memory ---------------------------------------------------------------------- */

static void check_threads(one_layer *n)
{
    size_t outputs = weir_count(&n->dy), weights = n->model->weights;
    size_t count = n->x.shape.dtype == WEIR_FLOAT ? weir_count(&n->x) : 0;
    real *y = NULL, *dx = NULL, *grads = NULL;
    for (int threads = 1; threads <= 4; threads *= 2) {
        weir_set_threads(threads);
        const real *y_now = one_layer_forward(n), *dx_now = one_layer_backward(n);
        if (threads == 1) {
            y = one_layer_copy(n, outputs, y_now);
            dx = one_layer_copy(n, count, dx_now);
            grads = one_layer_copy(n, weights, n->model->grads);
        }
        assert_same_bits(n->label, "y on more threads", outputs, y, y_now);
        assert_same_bits(n->label, "dx on more threads", count, dx, dx_now);
        assert_same_bits(n->label, "dW on more threads", weights, grads, n->model->grads);
    }
    weir_set_threads(0);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    for_every_layer(large_shapes, check_threads);
}

static size_t allocations;

static void *counting(void *p, size_t size)
{
    if (size == 0) {
        free(p);
        return NULL;
    }
    allocations++;
    return realloc(p, size);
}

/* The first round finds out what is needed, the second joins it into one block. */
static void check_memory(one_layer *n)
{
    for (int round = 0; round < 2; round++) {
        one_layer_forward(n);
        one_layer_backward(n);
    }
    size_t before = allocations;
    assert_true(before > 0);
    one_layer_forward(n);
    one_layer_backward(n);
    if (allocations != before)
        fail_msg("%s: %zu allocations in a step that repeats", n->label, allocations - before);
}

static void a_repeated_step_allocates_nothing(void **state)
{
    (void)state;
    for_every_layer(small_shapes, check_memory);
    for_every_layer(large_shapes, check_memory);
}

/* --- shapes and options ---------------------------------------------------------------------- */

/* Ids are for layers that look them up or only hand them on; all others say they want numbers. */
static void check_ids(one_layer *n)
{
    const weir_layer_kind *kind = n->node->kind;
    weir_shape ids = n->x.shape, out;
    if (ids.dtype == WEIR_INT32) return;
    ids.dtype = WEIR_INT32;
    const weir_shape *in[] = {&ids, &ids};
    weir_error err = {0};
    weir_status status = kind->shape(n->node->options, in, n->node->inputs, &out, &err);
    if (status) {
        assert_int_equal(status, WEIR_USAGE);
        assert_true(strlen(err.text) > 10);
    } else if (out.dtype != WEIR_INT32 || kind->part != WEIR_PLUMBING) {
        fail_msg("%s takes ids for numbers", n->label);
    }
}

static void ids_are_refused_where_numbers_are_needed(void **state)
{
    (void)state;
    for_every_layer(small_shapes, check_ids);
}

/* Every option is tried by some example, except sizes that are taken from the input. */
static void examples_cover_the_options(void **state)
{
    (void)state;
    for (const weir_layer_kind *const *kind = weir_layer_kinds; *kind; kind++)
        for (const weir_option *o = (*kind)->options; o && o->name; o++) {
            bool inferred = o->type == WEIR_SIZE && o->fallback && !strcmp(o->fallback, "0");
            bool tried = false;
            for (const char *const *e = (*kind)->examples; *e; e++) {
                char key[64];
                snprintf(key, sizeof key, "%s:", o->name);
                tried |= strstr(*e, key) != NULL;
            }
            if (!tried && !inferred) fail_msg("%s: no example has %s", (*kind)->name, o->name);
        }
}

/* Every kind has a name of its own, that finds it, and a sentence for every option. */
static void the_registry_is_whole(void **state)
{
    (void)state;
    for (const weir_layer_kind *const *kind = weir_layer_kinds; *kind; kind++) {
        assert_ptr_equal(weir_layer_find((*kind)->name), *kind);
        assert_true(strlen((*kind)->doc) > 0);
        assert_true((*kind)->shape && (*kind)->forward && (*kind)->backward);
        assert_int_equal((*kind)->part == WEIR_ACTIVATION, (*kind)->slope != NULL);
        for (const weir_option *o = (*kind)->options; o && o->name; o++)
            assert_true(o->doc && strlen(o->doc) > 0);
    }
    assert_null(weir_layer_find("no such layer"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_registry_is_whole),
        cmocka_unit_test(examples_cover_the_options),
        cmocka_unit_test(ids_are_refused_where_numbers_are_needed),
#if REAL_BITS == 64
        cmocka_unit_test(gradients_agree_with_differences),
#endif
        cmocka_unit_test(doubled_dy_doubles_all),
        cmocka_unit_test(backward_repeats),
        cmocka_unit_test(halves_are_independent),
        cmocka_unit_test(parameter_gradients_add_up),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(a_repeated_step_allocates_nothing),
    };
    weir_set_allocator(counting);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
