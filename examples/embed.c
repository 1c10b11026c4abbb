/* A C program with its own arrays: build a net, train it, read the flow and the findings.
 *   cc embed.c $(pkg-config --cflags --libs weir) -lm -o embed && ./embed */
#include <weir/doctor.h>

#include <math.h>
#include <stdio.h>

static const char net[] = "model:\n"
                          "  - linear: {out_features: 16}\n"
                          "  - tanh\n"
                          "  - linear: {out_features: 16}\n"
                          "  - tanh\n"
                          "  - linear: {}\n"
                          "train: {loss: mse, optimizer: {adam: {lr: 0.01}}, steps: 300}\n";

enum { EXAMPLES = 512, FINDINGS = 8 };

static int fail(const weir_error *err)
{
    fprintf(stderr, "%s\n", err->text);
    return (int)err->status;
}

int main(void)
{
    static weir_real x[EXAMPLES], y[EXAMPLES]; /* learn y = sin 3x */
    for (int i = 0; i < EXAMPLES; i++) {
        x[i] = (weir_real)(2.0 * i / EXAMPLES - 1);
        y[i] = (weir_real)sin(3.0 * (double)x[i]);
    }
    weir_arrays arrays = {.x = x, .y = y, .examples = EXAMPLES, .features = 1, .outputs = 1,
                          .batch_size = 32};
    weir_trainer_options options = weir_trainer_options_init();
    weir_config *config;
    weir_trainer *trainer;
    const weir_flow_record *flow;
    weir_train_event event;
    weir_error err = {0};
    options.arrays = &arrays;
    if (weir_config_parse(net, "embed", &config, &err)) return fail(&err);
    if (weir_trainer_new(config, &options, &trainer, &err)) return fail(&err);
    if (weir_trainer_watch(trainer, 0, &flow, &err)) return fail(&err);
    while (!weir_trainer_done(trainer))
        if (weir_trainer_step(trainer, &event, &err)) return fail(&err);

    printf("loss %.5f, gradient norm %.5f\n", event.loss, event.grad_norm);
    printf("factor per layer on the way back: %.3f\n",
           weir_depth_gain(flow, &flow->sample[flow->samples - 1], NULL));
    weir_finding finding[FINDINGS];
    weir_diagnosis verdict;
    size_t n = weir_diagnose(flow, weir_trainer_steps(trainer), finding, FINDINGS, &verdict);
    printf("%s, %zu findings\n", weir_diagnosis_name(verdict), n);
    for (size_t i = 0; i < n; i++) printf("%s: %s\n", finding[i].name, finding[i].cause);
    weir_trainer_free(trainer);
    weir_config_free(config);
    return verdict == WEIR_HEALTHY && event.loss < 0.05 ? 0 : 1;
}
