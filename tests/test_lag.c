/* The lag profile against nets whose answer is known. */
#include "tests/test.h"

#include "train/trainer.h"

/* One step, watched; the record is the trainer's. */
static weir_trainer *watch(const char *text)
{
    weir_config *config;
    weir_trainer *t;
    weir_train_event event;
    weir_error err = {0};
    assert_ok(weir_config_parse(text, "test.yaml", &config, &err), err);
    assert_ok(weir_trainer_new(config, NULL, &t, &err), err);
    assert_ok(weir_trainer_watch(t, 1, NULL, &err), err);
    assert_ok(weir_trainer_step(t, &event, &err), err);
    weir_config_free(config);
    return t;
}

/* h_t = relu(x_t + w h_{t-1}) with every weight the identity times w: while all is positive the
 * gradient is w^k after k steps. */
static void lag_profile_of_a_scaled_identity(void **state)
{
    (void)state;
    const double w = 0.8;
    weir_trainer *t = watch(
        "data: {kind: adding, seq_len: 20, batch_size: 4}\n"
        "model:\n"
        "  - rnn: {hidden_size: 2, nonlinearity: relu, init: {weight_ih: {constant: {val: 0.1}},"
        " weight_hh: {identity: {gain: 0.8}}, bias: {constant: {val: 0.1}}}}\n"
        "  - linear: {out_features: 1}\n"
        "  - rnn: {hidden_size: 2, nonlinearity: relu, output: last, init: {weight_ih: {constant: "
        "{val: 0.1}},"
        " weight_hh: {identity: {gain: 0.8}}, bias: {constant: {val: 0.1}}}}\n"
        "  - linear: {out_features: 1}\n"
        "init: {weight: {constant: {val: 0.3}}, bias: {constant: {val: 0.1}}}\n"
        "train: {loss: mse, steps: 1}\n");
    const weir_flow_record *record = t->watch->record;
    assert_int_equal(record->samples, 1);
    assert_int_equal(record->lines, 2);
    const weir_lag_flow *lag =
        &record->sample[0].lag[1]; /* the upper line: nothing above it in time */
    for (size_t k = 0; k < 20; k++)
        assert_near(lag->joint[k], pow(w, (double)k), 1e-5 * pow(w, (double)k));
    assert_near(lag->gain, w, 1e-5);
    assert_near(lag->half_life, -log(2) / log(w), 1e-3);
    assert_int_equal(lag->horizon, 5);  /* .8^4 = .41, .8^5 = .33 */
    assert_int_equal(lag->reach, 20);   /* .8^19 = .0144: not reached */
    weir_trainer_free(t);
}

/* Two recurrences side by side: each has its own profile, as if it were alone. */
static void branches_have_their_own(void **state)
{
    (void)state;
    weir_trainer *t = watch(
        "data: {kind: adding, seq_len: 12, batch_size: 4}\n"
        "model:\n"
        "  - rnn: {hidden_size: 2, nonlinearity: relu, output: last, from: x, name: slow,\n"
        "          init: {weight_ih: {constant: {val: 0.1}}, bias: {constant: {val: 0.1}},\n"
        "                 weight_hh: {identity: {gain: 0.9}}}}\n"
        "  - rnn: {hidden_size: 2, nonlinearity: relu, output: last, from: x, name: fast,\n"
        "          init: {weight_ih: {constant: {val: 0.1}}, bias: {constant: {val: 0.1}},\n"
        "                 weight_hh: {identity: {gain: 0.5}}}}\n"
        "  - add: {from: slow}\n"
        "  - linear: {out_features: 1, init: {weight: {constant: {val: 0.3}}}}\n"
        "train: {loss: mse, steps: 1}\n");
    const weir_flow_record *record = t->watch->record;
    assert_int_equal(record->lines, 2);
    for (size_t i = 0; i < 2; i++) {
        const weir_lag_flow *lag = &record->sample[0].lag[i];
        double w = i ? 0.5 : 0.9;
        assert_int_equal(lag->lags, 12);
        for (size_t k = 0; k < 12; k++)
            assert_near(lag->joint[k], pow(w, (double)k), 1e-5 * pow(w, (double)k));
    }
    weir_trainer_free(t);
}

/* A line that no gradient comes to has no profile, rather than one of zeros. */
static void nothing_comes_nothing_is_told(void **state)
{
    (void)state;
    weir_trainer *t = watch("data: {kind: adding, seq_len: 12, batch_size: 4}\n"
                            "model:\n"
                            "  - rnn: {hidden_size: 2, output: last}\n"
                            "  - linear: {out_features: 1, init: {weight: zeros}}\n"
                            "train: {loss: mse, steps: 1}\n");
    const weir_lag_flow *lag = &t->watch->record->sample[0].lag[0];
    assert_int_equal(lag->lags, 0);
    weir_trainer_free(t);
}

/* Where the gradient grows out of the range of numbers the profile ends: it has not vanished. */
static void growth_beyond_numbers_ends_the_profile(void **state)
{
    (void)state;
    weir_trainer *t = watch(
        "data: {kind: adding, seq_len: 60, batch_size: 4}\n"
        "model:\n"
        "  - rnn: {hidden_size: 2, init: {weight_ih: zeros, bias: zeros,\n"
        "          weight_hh: {identity: {gain: 1e6}}}, output: last}\n"
        "  - linear: {out_features: 1}\n"
        "train: {loss: mse, steps: 1}\n");
    const weir_lag_flow *lag = &t->watch->record->sample[0].lag[0];
    size_t measured = 0;
    while (measured < lag->lags && isfinite(lag->joint[measured])) measured++;
    assert_in_range(measured, 6, 27); /* 10^6k, or its square, leaves the range */
    for (size_t k = 0; k < measured; k++)
        assert_near(log(lag->joint[k]), 6 * log(10) * (double)k, 1e-4);
    assert_true(isnan(lag->joint[measured]));
    assert_int_equal(lag->reach, lag->lags); /* not reached */
    assert_int_equal(lag->horizon, lag->lags);
    weir_trainer_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lag_profile_of_a_scaled_identity),
        cmocka_unit_test(branches_have_their_own),
        cmocka_unit_test(nothing_comes_nothing_is_told),
        cmocka_unit_test(growth_beyond_numbers_ends_the_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
