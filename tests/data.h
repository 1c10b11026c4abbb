/* tests/data.h - opening data from a line of YAML, and looking at batches. */
#ifndef WEIR_TESTS_DATA_H
#define WEIR_TESTS_DATA_H

#include "tests/files.h"
#include "train/data.h"

static inline weir_status try_open(const char *yaml, uint64_t seed, weir_data **data,
                                   weir_error *err)
{
    weir_config *config;
    weir_error bad = {0};
    assert_ok(weir_config_parse(yaml, path_of("net.yaml"), &config, &bad), bad);
    weir_status status = weir_data_open(config, seed, data, err);
    weir_config_free(config);
    return status;
}

static inline weir_data *open_data(const char *yaml, uint64_t seed)
{
    weir_data *data;
    weir_error err = {0};
    assert_ok(try_open(yaml, seed, &data, &err), err);
    return data;
}

/* Opening fails with this status, and the sentence names what matters. */
static inline void assert_refused(const char *yaml, weir_status status, const char *says)
{
    weir_data *data;
    weir_error err = {0};
    weir_status got = try_open(yaml, 1, &data, &err);
    if (got != status || !strstr(err.text, says))
        fail_msg("%s: status %d, \"%s\"; expected %d and \"%s\"", yaml, got, err.text, status,
                 says);
    assert_null(data);
}

static inline weir_batch get(const weir_data *data, weir_split split, uint64_t index,
                             weir_arena *arena)
{
    weir_batch batch;
    weir_error err = {0};
    assert_ok(data->kind->batch(data, split, index, arena, &batch, &err), err);
    return batch;
}

static inline void assert_same_batch(const weir_batch *a, const weir_batch *b)
{
    size_t x = a->x.shape.dtype == WEIR_FLOAT ? sizeof(real) : sizeof(int32_t);
    size_t y = a->target.shape.dtype == WEIR_FLOAT ? sizeof(real) : sizeof(int32_t);
    assert_true(weir_shape_equal(&a->x.shape, &b->x.shape));
    assert_true(weir_shape_equal(&a->target.shape, &b->target.shape));
    assert_memory_equal(a->x.data, b->x.data, x * weir_count(&a->x));
    assert_memory_equal(a->target.data, b->target.data, y * weir_count(&a->target));
    assert_int_equal(a->continues, b->continues);
}

static inline bool same_batch(const weir_batch *a, const weir_batch *b)
{
    size_t x = a->x.shape.dtype == WEIR_FLOAT ? sizeof(real) : sizeof(int32_t);
    return weir_shape_equal(&a->x.shape, &b->x.shape) &&
           memcmp(a->x.data, b->x.data, x * weir_count(&a->x)) == 0;
}

/* One number of a batch's x or target. */
static inline double at(const weir_tensor *t, size_t i)
{
    return t->shape.dtype == WEIR_FLOAT ? (double)t->f[i] : (double)t->i[i];
}

static inline void assert_shape(const weir_tensor *t, const char *shape)
{
    char text[80];
    assert_string_equal(weir_shape_text(&t->shape, text, sizeof text), shape);
}

#endif
