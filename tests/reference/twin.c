/* From a case's group to what runs it. */
#include "tests/reference/twin.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *group;
    group_run *run;
} groups[] = {
    {"mlp", run_model},       {"activation", run_model}, {"batchnorm", run_model},
    {"layernorm", run_model}, {"embedding", run_model},  {"dropout", run_model},
    {"residual", run_model},  {"conv", run_model},       {"pool", run_model},
    {"cnn", run_model},       {"recurrent", run_recurrent}, {"tbptt", run_tbptt},
    {"loss", run_loss},       {"optimizer", run_optimizer}, {"clip", run_clip},
};

void ref_run(ref_case *c)
{
    const char *group = ref_text(c->json, "group", "?");
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (strcmp(groups[i].group, group) != 0) continue;
        net n = {0};
        weir_error err = {0};
        weir_status status = groups[i].run(c, &n, &err);
        net_close(&n);
        if (status && !*c->skip) ref_fail(c, "%s", err.text);
        return;
    }
    snprintf(c->skip, sizeof c->skip, "no check for group \"%s\"", group);
}

void expect(ref_case *c, size_t count, const real *got, const char *format, ...)
{
    char name[256];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    double *wide = ref_need(malloc((count + 1) * sizeof *wide));
    for (size_t i = 0; i < count; i++) wide[i] = (double)got[i];
    ref_expect(c, name, count, wide);
    free(wide);
}
