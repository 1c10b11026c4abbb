/* Every remedy, and every control, makes a net that trains; what a control must hold constant, it
 * does. */
#include "tests/test.h"

#include "doctor/remedy.h"
#include "weir/train.h"

#include <stdio.h>

/* Sizes are spelled out where they could be left out: remedies must cope with that. */
static const char *const nets[] = {
    /* a stack */
    "data: {kind: circles, n: 64, batch_size: 16}\n"
    "model:\n"
    "  - linear: {in_features: 2, out_features: 8}\n"
    "  - sigmoid\n"
    "  - linear: {in_features: 8, out_features: 8}\n"
    "  - sigmoid\n"
    "  - linear: {in_features: 8, out_features: 8}\n"
    "  - sigmoid\n"
    "  - linear: {in_features: 8, out_features: 2}\n"
    "train: {loss: cross_entropy, optimizer: {sgd: {lr: 0.1}}, steps: 12}\n",
    /* one simple recurrence */
    "data: {kind: adding, seq_len: 12, n: 64, batch_size: 16}\n"
    "model:\n"
    "  - rnn: {input_size: 2, hidden_size: 10, output: last}\n"
    "  - linear: {in_features: 10}\n"
    "train: {loss: mse, optimizer: {adam: {lr: 0.01}}, steps: 12}\n",
    /* two layers, both directions, no biases */
    "data: {kind: adding, seq_len: 12, n: 64, batch_size: 16}\n"
    "model:\n"
    "  - rnn: {hidden_size: 10, num_layers: 2, bidirectional: yes, bias: false, output: last}\n"
    "  - linear: {in_features: 20}\n"
    "train: {loss: mse, steps: 12}\n",
    /* gates already */
    "data: {kind: adding, seq_len: 12, n: 64, batch_size: 16}\n"
    "model:\n"
    "  - lstm: {hidden_size: 10, output: last, name: memory}\n"
    "  - linear: {from: memory}\n"
    "train: {loss: mse, clip_grad_norm: {max_norm: 1}, steps: 12}\n"};
enum { NETS = sizeof nets / sizeof *nets };

/* The net trained for its few steps, and its record. */
static weir_flow_record *train(const weir_config *config, size_t *weights)
{
    weir_trainer *t;
    weir_train_event event;
    weir_error err = {0};
    assert_ok(weir_trainer_new(config, NULL, &t, &err), err);
    assert_ok(weir_trainer_watch(t, 0, NULL, &err), err);
    while (!weir_trainer_done(t)) assert_ok(weir_trainer_step(t, &event, &err), err);
    *weights = 0;
    for (size_t k = 0; k < weir_trainer_parameters(t); k++)
        *weights += weir_trainer_parameter(t, k).count;
    weir_flow_record *record = weir_trainer_take_record(t);
    weir_trainer_free(t);
    return record;
}

static size_t weights_of(const weir_config *config)
{
    size_t weights;
    weir_record_free(train(config, &weights));
    return weights;
}

static const weir_record_node *recurrent(const weir_flow_record *r)
{
    for (size_t i = 0; i < r->nodes; i++)
        if (r->node[i].part == WEIR_RECURRENT) return &r->node[i];
    return NULL;
}

/* The old net as wide as the gated cell has parameters: to the nearest whole unit. */
static void compare_widths(const weir_config *wide, const weir_config *gated)
{
    size_t n;
    weir_flow_record *a = train(wide, &n), *b = train(gated, &n);
    const weir_record_node *w = recurrent(a), *g = recurrent(b);
    double gap = (double)w->parameters / (double)g->parameters;
    assert_string_equal(w->kind, "rnn");
    assert_near(gap, 1, 1.5 / (double)(w->features / 2)); /* a unit more: two parts in width more */
    weir_record_free(a);
    weir_record_free(b);
}

static size_t try_controls(const weir_case *sick, const weir_candidate *c)
{
    char what[160];
    size_t k = 0;
    weir_error err = {0};
    for (; c->remedy->control; k++) {
        weir_config *control = NULL;
        assert_ok(c->remedy->control(sick, c, k, &control, what, sizeof what, &err), err);
        if (!control) break;
        assert_true(*what);
        assert_true(weights_of(control) > 0);
        if (c->remedy == &weir_remedy_cell && k == 1) compare_widths(control, c->config);
        if (c->remedy == &weir_remedy_cell && k == 0)
            assert_int_equal(weights_of(control), weights_of(c->config));
        weir_config_free(control);
    }
    return k;
}

static void every_remedy_makes_nets_that_train(void **state)
{
    (void)state;
    size_t tried[16] = {0}, controls[16] = {0};
    for (size_t n = 0; n < NETS; n++) {
        weir_config *config;
        weir_facts facts;
        weir_error err = {0};
        size_t weights;
        char name[16];
        snprintf(name, sizeof name, "net%zu.yaml", n);
        assert_ok(weir_config_parse(nets[n], name, &config, &err), err);
        weir_flow_record *record = train(config, &weights);
        assert_int_equal(weir_facts_gather(record, 12, &facts), WEIR_OK);
        weir_finding finding = {.name = recurrent(record) ? "vanishing-time" : "vanishing-depth"};
        weir_case sick = {config, &facts, &finding};
        for (size_t k = 0; weir_remedy_kinds[k]; k++) {
            weir_candidates all = {0};
            assert_ok(weir_remedy_kinds[k]->propose(&sick, &all, &err), err);
            for (size_t i = 0; i < all.count; i++) {
                char *patch = weir_config_diff(config, all.item[i].config);
                assert_true(patch && *patch); /* it changes something */
                weir_free(patch);
                assert_true(weights_of(all.item[i].config) > 0);
                controls[k] += try_controls(&sick, &all.item[i]);
                tried[k]++;
            }
            weir_candidates_free(&all);
        }
        weir_facts_free(&facts);
        weir_record_free(record);
        weir_config_free(config);
    }
    for (size_t k = 0; weir_remedy_kinds[k]; k++) {
        if (!tried[k]) fail_msg("no net asked for %s", weir_remedy_kinds[k]->name);
        assert_true(!weir_remedy_kinds[k]->control || controls[k] > 0);
    }
}

/* What reads a layer by its name reads, after the change, what was put behind it; and a name may
 * hold any character. */
static void readers_follow(void **state)
{
    (void)state;
    static const char text[] = "data: {kind: circles, n: 64, batch_size: 16}\n"
                               "model:\n"
                               "  - linear: {out_features: 8, name: 'a \"b\\'}\n"
                               "  - sigmoid: {from: 'a \"b\\'}\n"
                               "  - linear: {out_features: 8, name: two}\n"
                               "  - sigmoid: {from: two}\n"
                               "  - linear: {out_features: 8, name: three}\n"
                               "  - sigmoid: {from: [three]}\n"
                               "  - linear\n"
                               "train: {loss: cross_entropy, steps: 12}\n";
    weir_config *config;
    weir_facts facts;
    weir_error err = {0};
    size_t weights;
    assert_ok(weir_config_parse(text, "net.yaml", &config, &err), err);
    weir_flow_record *record = train(config, &weights);
    assert_int_equal(weir_facts_gather(record, 12, &facts), WEIR_OK);
    weir_finding finding = {.name = "vanishing-depth"};
    weir_case sick = {config, &facts, &finding};
    const weir_remedy_kind *kinds[] = {&weir_remedy_batchnorm, &weir_remedy_residual};
    static const size_t sigmoids_behind[] = {3, 2}; /* the first form of residual: two shortcuts */
    for (size_t k = 0; k < 2; k++) {
        weir_candidates all = {0};
        assert_ok(kinds[k]->propose(&sick, &all, &err), err);
        assert_true(all.count > 0);
        weir_flow_record *r = train(all.item[0].config, &weights);
        size_t behind = 0;
        for (size_t i = 0; i < r->nodes; i++)
            if (!strcmp(r->node[i].kind, "sigmoid"))
                behind += !strcmp(r->node[r->node[i].input[0]].kind, k ? "add" : "batchnorm1d");
        assert_int_equal(behind, sigmoids_behind[k]);
        weir_record_free(r);
        weir_candidates_free(&all);
    }
    weir_facts_free(&facts);
    weir_record_free(record);
    weir_config_free(config);
}

/* A gated cell in place of an rnn changes the cell and nothing else. */
static void cell_keeps_the_rest(void **state)
{
    (void)state;
    weir_config *config;
    weir_facts facts = {0};
    weir_error err = {0};
    weir_candidates all = {0};
    assert_ok(weir_config_parse("data: {kind: adding}\nmodel:\n  - rnn: {hidden_size: 4, truncate: "
                                "5, num_layers: 2, output: last}\n  - linear\n"
                                "train: {loss: mse}\n", "net.yaml", &config, &err), err);
    weir_finding finding = {.name = "vanishing-time"};
    assert_ok(weir_remedy_cell.propose(&(weir_case){config, &facts, &finding}, &all, &err), err);
    assert_int_equal(all.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const char *kind = i ? "lstm" : "gru";
        static const char *const kept[][2] = {
            {"truncate", "5"}, {"num_layers", "2"}, {"output", "last"}, {"hidden_size", "4"}};
        for (size_t k = 0; k < 4; k++) {
            char path[60];
            snprintf(path, sizeof path, "model.0.%s.%s", kind, kept[k][0]);
            assert_string_equal(weir_config_get(all.item[i].config, path), kept[k][1]);
        }
    }
    weir_candidates_free(&all);
    weir_config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_follow),
        cmocka_unit_test(cell_keeps_the_rest),
        cmocka_unit_test(every_remedy_makes_nets_that_train),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
