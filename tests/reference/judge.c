/* Whether numbers are the same.
 *
 *   |got - expected| <= rel * largest |expected| of the array
 *                       + smallest normal number + noise * largest gradient of the case
 *
 *            rel      noise
 *   float64  1e-9     1e-13
 *   float32  2e-5     1e-7      judged against float64; PyTorch's own float32 differs by up to 9e-6
 *
 * The noise is for gradients only, and for nets with a normaliser only: what comes before one can
 * have gradients that are 0 in exact arithmetic, and rounding in both. Elsewhere a gradient that
 * has vanished to 1e-30 of the others is still held to its own size.
 */
#include "tests/reference/reference.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *ref_need(void *p)
{
    if (p) return p;
    fprintf(stderr, "weir-check-reference: no memory\n");
    exit(WEIR_IO);
}

const char *ref_text(const json_t *object, const char *key, const char *fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? json_string_value(value) : fallback;
}

size_t ref_size(const json_t *object, const char *key, size_t fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? (size_t)json_integer_value(value) : fallback;
}

void ref_fail(ref_case *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("%s: ", c->name);
    vprintf(format, args);
    printf("\n");
    va_end(args);
    c->failures++;
}

static double largest(size_t n, const double *x)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i])) most = fmax(most, fabs(x[i]));
    return most;
}

/* "grad.param.fc0.weight", "stepgrad.rnn.bias_hh_l0", "chunk0.grad...", "grads.0.weight" */
static bool is_gradient(const char *name)
{
    return strstr(name, "grad") != NULL;
}

static bool has_normaliser(const json_t *json)
{
    size_t i;
    json_t *node;
    json_array_foreach (json_object_get(json, "model"), i, node)
        if (strstr(ref_text(node, "type", ""), "norm")) return true;
    return false;
}

/* 0 where no gradient has noise to be forgiven. */
static double largest_gradient(const json_t *json, const ref_arrays *truth)
{
    double most = 0;
    if (!has_normaliser(json)) return 0;
    for (size_t i = 0; i < truth->count; i++)
        if (is_gradient(truth->item[i].name))
            most = fmax(most, largest(truth->item[i].count, truth->item[i].value));
    return most;
}

static double allowed(ref_case *c, const ref_array *expected)
{
    double rel = c->f64 ? 1e-9 : 2e-5, noise = c->f64 ? 1e-13 : 1e-7;
    double floor = c->f64 ? DBL_MIN : (double)FLT_MIN;
    if (c->largest_gradient < 0) c->largest_gradient = largest_gradient(c->json, &c->truth);
    if (is_gradient(expected->name)) floor += noise * c->largest_gradient;
    return rel * largest(expected->count, expected->value) + floor;
}

/* 0 for the same number, infinities and NaN included. */
static double difference(double got, double expected)
{
    if (got == expected || (isnan(got) && isnan(expected))) return 0;
    double d = fabs(got - expected);
    return isnan(d) ? (double)INFINITY : d;
}

void ref_expect(ref_case *c, const char *name, size_t count, const double *got)
{
    ref_array *expected = ref_find(&c->truth, "%s", name);
    if (!expected) return;
    expected->compared = true;
    if (expected->count != count) {
        ref_fail(c, "%s: %zu numbers, expected %zu", name, count, expected->count);
        return;
    }
    size_t worst = 0;
    double most = 0, limit = allowed(c, expected);
    for (size_t i = 0; i < count; i++) {
        double d = difference(got[i], expected->value[i]);
        if (d > most) most = d, worst = i;
    }
    if (most > limit)
        ref_fail(c, "%s: largest error %.3g, allowed %.3g (number %zu is %.9g, expected %.9g)",
                 name, most, limit, worst, got[worst], expected->value[worst]);
}

static bool is_input(const char *name)
{
    static const char *const beginnings[] = {"input.", "param.", "buffer_before.", "grad_before."};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0) return true;
    return false;
}

void ref_expect_nothing_left(ref_case *c)
{
    for (size_t i = 0; i < c->truth.count; i++)
        if (!c->truth.item[i].compared && !is_input(c->truth.item[i].name))
            ref_fail(c, "%s: nothing was compared with it", c->truth.item[i].name);
}
