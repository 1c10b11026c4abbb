/* Text out of runs: what a C program does through weir/text.h. */
#include "tests/run_rig.h"

#include "formats/symbols.h"
#include "weir/text.h"

static weir_generator *open_generator(const char *name)
{
    weir_generator *g;
    weir_error err = {0};
    assert_ok(weir_generator_open(path_of(name), &g, &err), err);
    return g;
}

/* What a run says behind a prompt, n symbols of it; good until the next call but one. */
static const char *say(const char *name, const char *prompt, size_t n, weir_sampling how)
{
    static char texts[2][4096];
    static size_t turn;
    char *text = texts[turn++ % 2], piece[WEIR_PIECE];
    weir_generator *g = open_generator(name);
    weir_error err = {0};
    *text = '\0';
    assert_ok(weir_generator_read(g, prompt, &err), err);
    while (n--) {
        assert_ok(weir_generator_next(g, &how, piece, &err), err);
        strcat(text, piece);
    }
    weir_generator_free(g);
    return text;
}

/* A text that repeats itself is learned by heart, and goes on without the file it stood in. */
static void what_was_learned_is_said(void **state)
{
    (void)state;
    weir_sampling likeliest = {.temperature = 0};
    write_texts();
    train_text(windows, "heart", "400");
    train_text(context, "window", "400");
    assert_int_equal(unlink(path_of("text.txt")), 0);
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "window" : "heart";
        assert_string_equal(say(name, "the c", 22, likeliest), "at sat. \nthe cat sat. ");
        assert_string_equal(say(name, "sat. ", 4, likeliest), "\nthe");
    }
    assert_string_equal(say("heart", "", 8, likeliest), "the cat "); /* as behind a line break */
    assert_int_equal(unlink(path_of("heart/model.safetensors")), 0);
    assert_string_equal(say("heart", "the c", 5, likeliest), "at sa"); /* from the checkpoint */
}

static void sampling(void **state)
{
    (void)state;
    weir_sampling how = weir_sampling_init(), other = how, first = how, cold = how;
    write_texts();
    train_text(windows, "sampled", "20");
    other.seed = 2;
    first.top_k = 1;
    cold.temperature = 0;
    assert_string_equal(say("sampled", "the", 60, how), say("sampled", "the", 60, how));
    assert_string_not_equal(say("sampled", "the", 60, how), say("sampled", "the", 60, other));
    assert_string_equal(say("sampled", "the", 60, first), say("sampled", "the", 60, cold));
    other.top_k = 1000; /* more than there are is all of them */
    how.seed = 2;
    assert_string_equal(say("sampled", "the", 60, how), say("sampled", "the", 60, other));
}

/* Symbol by symbol the net says what it says of a whole window at once. */
static void steps_are_a_window(void **state)
{
    (void)state;
    static const char ids_of[] = "\n .acehst"; /* the vocabulary, in order */
    weir_sampling likeliest = {.temperature = 0};
    write_texts();
    train_text(windows, "steps", "60");
    weir_run *run = go_on("steps");
    weir_trainer *t = weir_run_trainer(run);
    const char *prompts[] = {"tac eht s", "\n\n\n\n\n\n\n\n\n", "hhh...cat"};
    for (size_t p = 0; p < 3; p++) {
        weir_error err = {0};
        const real *y;
        real x[9];
        size_t count, best = 0;
        for (size_t i = 0; i < 9; i++) x[i] = (real)(strchr(ids_of, prompts[p][i]) - ids_of);
        assert_ok(weir_trainer_predict(t, x, 1, &y, &count, &err), err);
        assert_int_equal(count, 9 * 9);
        for (size_t i = 0; i < 9; i++)
            if (y[8 * 9 + i] > y[8 * 9 + best]) best = i;
        const char *said = say("steps", prompts[p], 1, likeliest);
        assert_int_equal(said[0], ids_of[best]);
    }
    weir_run_free(run);
}

static bool is_utf8(const char *text)
{
    uint32_t code;
    size_t left = strlen(text), n;
    for (; left; left -= n, text += n) {
        n = weir_utf8_decode((const unsigned char *)text, left, &code);
        if (!n) return false;
    }
    return true;
}

/* A net of bytes that has learned nothing says anything; whole characters come out all the same.
 */
static void bytes_come_out_as_utf8(void **state)
{
    (void)state;
    weir_sampling wild = {.temperature = 50};
    write_texts();
    weir_config *config = parse(windows);
    set(config, "data.path", "wide.txt");
    set(config, "data.unit", "byte");
    char *text = weir_config_text(config);
    train_text(text, "bytes", "0");
    for (wild.seed = 1; wild.seed < 20; wild.seed++) {
        const char *said = say("bytes", wild.seed % 2 ? "" : "\xe5\xa0\xb0", 200, wild);
        assert_true(is_utf8(said));
        assert_non_null(strstr(said, "\xef\xbf\xbd"));
        for (size_t n = 1; n < 8; n++) assert_true(is_utf8(say("bytes", "a", n, wild)));
    }
    train_text(text, "learned", "150");
    const char *said = say("learned", "a", 300, (weir_sampling){1, 0, 1});
    assert_true(is_utf8(said));
    assert_non_null(strstr(said, "\xe5\xa0\xb0")); /* three bytes in a row */
    weir_free(text);
    weir_config_free(config);
}

static void assert_not_read(const char *name, const char *prompt, const char *says)
{
    weir_error err = {0};
    weir_generator *g = open_generator(name);
    assert_int_equal(weir_generator_read(g, prompt, &err), WEIR_USAGE);
    if (!strstr(err.text, says)) fail_msg("\"%s\" does not say \"%s\"", err.text, says);
    weir_generator_free(g);
}

static void strangers_in_a_prompt(void **state)
{
    (void)state;
    write_texts();
    weir_config *config = parse(windows);
    set(config, "data.path", "wide.txt");
    char *text = weir_config_text(config);
    train_text(text, "wide", "0");
    weir_sampling how = weir_sampling_init();
    assert_true(is_utf8(say("wide", "\xe5\xa0\xb0\xc3\xa4", 30, how)));
    assert_not_read("wide", "a\xc3\xb6z\xc3\xb6", "\"\xc3\xb6\" (U+00F6), \"z\" (U+007A)");
    assert_not_read("wide", "aa\xff", "byte 2 is 0xff");
    set(config, "data.unit", "byte");
    weir_free(text);
    text = weir_config_text(config);
    train_text(text, "wide_bytes", "0");
    assert_not_read("wide_bytes", "a\xe4\xb8\xad", "\xe4\xb8\xad\" (U+4E2D)");
    weir_free(text);
    weir_config_free(config);
}

static void assert_no_generator(const char *name, weir_status status, const char *says)
{
    weir_generator *g;
    weir_error err = {0};
    weir_status got = weir_generator_open(path_of(name), &g, &err);
    assert_null(g);
    if (got != status || !strstr(err.text, says))
        fail_msg("status %d, \"%s\"; expected %d and \"%s\"", got, err.text, status, says);
}

static void nets_without_text(void **state)
{
    (void)state;
    static const char circles[] = "data: {kind: circles, n: 64}\nmodel: [linear: {}]\n"
                                  "train: {loss: cross_entropy, steps: 1}\n";
    write_texts();
    assert_no_generator("nothing", WEIR_IO, "nothing: cannot find the run");
    train_text(circles, "circles", "1");
    assert_no_generator("circles", WEIR_USAGE, "no text model");
    weir_config *config = parse(windows);
    set(config, "model.1.lstm.bidirectional", "true");
    char *text = weir_config_text(config);
    train_text(text, "both", "1");
    assert_no_generator("both", WEIR_USAGE, "bidirectional");
    train_text(windows, "bent", "1");
    set(config, "model.1.lstm.bidirectional", "false");
    set(config, "model.1.lstm.hidden_size", "13");
    weir_free(text);
    text = weir_config_text(config);
    write_words("bent/config.yaml", text);
    assert_no_generator("bent", WEIR_USAGE, "1.weight_ih_l0");
    write_words("bent/model.safetensors", "short");
    assert_no_generator("bent", WEIR_IO, "bent/model.safetensors");
    weir_free(text);
    weir_config_free(config);
}

static void output_that_is_not_finite(void **state)
{
    (void)state;
    char piece[WEIR_PIECE];
    weir_error err = {0}, usage = {0};
    write_texts();
    weir_run *run = begin(windows, "nan", 1);
    weir_parameter_view bias = weir_trainer_parameter(weir_run_trainer(run), 6);
    assert_string_equal(bias.name, "3.bias");
    bias.value[2] = (real)NAN;
    assert_ok(weir_run_save(run, &err), err);
    weir_run_free(run);
    weir_generator *g = open_generator("nan");
    assert_int_equal(weir_generator_next(g, NULL, piece, &err), WEIR_DIVERGED);
    assert_int_equal(weir_generator_next(g, &(weir_sampling){.temperature = -1}, piece, &usage),
                     WEIR_USAGE);
    weir_generator_free(g);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_learned_is_said),
        cmocka_unit_test(sampling),
        cmocka_unit_test(steps_are_a_window),
        cmocka_unit_test(bytes_come_out_as_utf8),
        cmocka_unit_test(strangers_in_a_prompt),
        cmocka_unit_test(nets_without_text),
        cmocka_unit_test(output_that_is_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
