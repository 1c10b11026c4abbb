/* A net for images from its configuration: it is read, learns what only its windows can see, and
 * says what does not fit, with its place. */
#include "tests/files.h"

#include "weir/train.h"

enum { N = 200, SIDE = 9 };

/* Pictures of a bar of four pixels that lies or stands anywhere, among dots that are as many. No
 * single pixel tells which it is. */
static void write_bars(void)
{
    unsigned char images[16 + N * SIDE * SIDE] = {0, 0, 8, 3, 0, 0, 0, N, 0, 0, 0, SIDE, 0, 0, 0,
                                                  SIDE};
    unsigned char labels[8 + N] = {0, 0, 8, 1, 0, 0, 0, N};
    for (size_t n = 0; n < N; n++) {
        unsigned char *image = images + 16 + n * SIDE * SIDE;
        bool stands = n % 2 != 0;
        labels[8 + n] = stands;
        size_t across = n / 2 * 7 % SIDE, along = n / 2 * 5 % (SIDE - 3);
        for (size_t k = 0; k < 4; k++) {
            size_t h = stands ? along + k : across, w = stands ? across : along + k;
            image[h * SIDE + w] = 255;
            image[(n * 31 + k * 23) % (SIDE * SIDE)] = 255;
        }
    }
    write_file("images", images, sizeof images);
    write_file("labels", labels, sizeof labels);
}

#define DATA "data: {kind: idx, images: images, labels: labels, batch_size: 20}\n"
#define TRAIN "train: {loss: cross_entropy, optimizer: {adam: {lr: 0.01}}, steps: 150}\n"

static weir_status open_trainer(const char *text, weir_trainer **trainer, weir_error *err)
{
    weir_config *config;
    weir_error bad = {0};
    assert_ok(weir_config_parse(text, path_of("net.yaml"), &config, &bad), bad);
    weir_status status = weir_trainer_new(config, NULL, trainer, err);
    weir_config_free(config);
    return status;
}

/* One global mean of each channel is all the last layer sees: the windows must tell the bars. */
static void windows_learn_which_way_bars_lie(void **state)
{
    (void)state;
    static const char text[] = DATA "model:\n"
                                    "  - conv2d:\n"
                                    "      out_channels: 6\n"
                                    "      kernel_size: [3, 3]\n"
                                    "      padding: same\n"
                                    "      bias: false\n"
                                    "  - batchnorm2d\n"
                                    "  - relu\n"
                                    "  - max_pool2d: {kernel_size: 2, ceil_mode: true}\n"
                                    "  - conv2d: {out_channels: 6, kernel_size: 2}\n"
                                    "  - relu\n"
                                    "  - adaptive_avg_pool2d: {output_size: 1}\n"
                                    "  - flatten\n"
                                    "  - linear\n" TRAIN;
    weir_trainer *trainer;
    weir_error err = {0};
    weir_train_event event;
    weir_eval_point eval;
    assert_ok(open_trainer(text, &trainer, &err), err);
    weir_parameter_view weight = weir_trainer_parameter(trainer, 0);
    assert_string_equal(weight.name, "0.weight");
    assert_true(weight.rank == 4 && weight.dim[0] == 6 && weight.dim[1] == 1 &&
                weight.dim[2] == 3 && weight.dim[3] == 3);
    while (!weir_trainer_done(trainer)) assert_ok(weir_trainer_step(trainer, &event, &err), err);
    assert_ok(weir_trainer_evaluate(trainer, 0, &eval, &err), err);
    if (!(eval.accuracy > 0.9)) fail_msg("of the bars %.3g are told", eval.accuracy);
    weir_trainer_free(trainer);
}

static void misfits_have_a_place(void **state)
{
    (void)state;
    static const struct {
        const char *layer, *says;
    } cases[] = {
        {"conv2d: {out_channels: 4}", "kernel_size is needed"},
        {"conv2d: {out_channels: 4, kernel_size: [3, 3, 3]}", "two as in [3, 5]"},
        {"conv2d: {out_channels: 4, kernel_size: 3, padding: full}", "valid|same"},
        {"conv2d: {out_channels: 4, kernel_size: 3, stride: 0}", "between 1 and 100000"},
        {"conv2d: {out_channels: 4, kernel_size: 10}", "10 places"},
        {"conv1d: {out_channels: 4, kernel_size: 3}", "takes [B,C,L]"},
        {"conv1d: {out_channels: 4, kernel_size: [3, 3]}", "a whole number"},
        {"max_pool2d: {kernel_size: 3, padding: 2}", "at most half"},
        {"adaptive_avg_pool2d", "output_size is needed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[600];
        weir_trainer *trainer;
        weir_error err = {0};
        snprintf(text, sizeof text, DATA "model:\n  - %s\n  - flatten\n  - linear\n" TRAIN,
                 cases[i].layer);
        assert_int_equal(open_trainer(text, &trainer, &err), WEIR_USAGE);
        if (!strstr(err.text, cases[i].says) || !strstr(err.text, "net.yaml:3:"))
            fail_msg("%s: \"%s\" lacks \"%s\", or the place", cases[i].layer, err.text,
                     cases[i].says);
    }
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_learn_which_way_bars_lie),
        cmocka_unit_test(misfits_have_a_place),
    };
    write_bars();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
