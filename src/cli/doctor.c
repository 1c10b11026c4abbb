/* weir doctor CONFIG: train a little, measure, diagnose, prescribe, verify. */
#include "base/file.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "cli/cli.h"
#include "show/show.h"
#include "weir/doctor.h"

#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const weir_flag flags[] = {
    {"steps", 0, "N",
     N_("steps to watch and of the first trials (default: doctor.steps, else 300)")},
    {"no-trials", 0, NULL, N_("only diagnose")},
    {"budget", 0, "30s|2000steps", N_("no further trial starts after so much (default: none)")},
    {"max-trials", 0, "N", N_("at most N candidates (default: all that apply)")},
    {"apply", 0, "N", N_("write the N-th prescription's configuration")},
    {"output", 'o', "FILE", N_("where --apply writes (default: CONFIG with .weir before .yaml)")},
    {"fail-on", 0, "error|warning", N_("what makes the exit status 1 (default: error)")},
    {0}};

/* "30s", "2m", "2000steps", or plain seconds. */
static bool read_budget(weir_cli *cli, weir_doctor_options *o)
{
    const char *text = weir_cli_get(cli, "budget");
    char *unit;
    if (!text) return true;
    double n = strtod(text, &unit);
    if (n > 0 && (!strcmp(unit, "s") || !*unit)) return o->budget_seconds = n, true;
    if (n > 0 && !strcmp(unit, "m")) return o->budget_seconds = 60 * n, true;
    if (n >= 1 && !strcmp(unit, "steps")) return o->budget_steps = (uint64_t)n, true;
    weir_fail(&cli->err, WEIR_USAGE,
              _("--budget wants seconds or steps, as 30s, 2m or 2000steps, not \"%s\""), text);
    return false;
}

static bool progress(void *self, const char *doing, size_t done, size_t of)
{
    weir_cli_progress(self, doing, done, of, NULL);
    return !weir_cli_interrupted();
}

/* What is known in the first seconds is told then: the trials take their time. */
static bool print_diagnosis(void *self, const weir_report *report)
{
    weir_text out = {0};
    weir_canvas canvas = weir_cli_canvas(&out, false);
    weir_cli_progress_end(self);
    weir_show_network(&canvas, report->record);
    weir_show_depth(&canvas, report->record);
    weir_show_time(&canvas, report->record);
    weir_show_findings(&canvas, report);
    return weir_cli_print(self, &out);
}

static bool read_options(weir_cli *cli, weir_doctor_options *o)
{
    uint64_t trials, number;
    *o = weir_doctor_options_init();
    if (!weir_cli_count(cli, "seed", 0, 0, &o->seed) ||
        !weir_cli_count(cli, "steps", 1, 0, &o->steps) ||
        !weir_cli_count(cli, "max-trials", 1, 0, &trials) ||
        !weir_cli_count(cli, "apply", 1, 0, &number) || !read_budget(cli, o))
        return false;
    o->max_trials = (size_t)trials;
    o->trials = !weir_cli_get(cli, "no-trials");
    o->progress = progress;
    o->diagnosed = cli->json ? NULL : print_diagnosis;
    o->self = cli;
    return true;
}

/* A word as a shell takes it. */
static void add_word(weir_text *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./=,:+-";
    if (*word && word[strspn(word, plain)] == '\0') {
        weir_text_add(out, word);
        return;
    }
    weir_text_add(out, "'");
    for (; *word; word++) {
        if (*word == '\'')
            weir_text_add(out, "'\\''");
        else
            weir_text_add_bytes(out, word, 1);
    }
    weir_text_add(out, "'");
}

/* What to type: "weir COMMAND PATH" with the flags of this visit that decide what is visited. */
struct line {
    const char *command, *path;
    const char *const *flags;
    uint64_t steps, wanted; /* instead of the visit's, and of train.steps; 0: as they are */
    bool epochs;            /* the configuration counts in epochs */
};

/* What the line says anew is not said as it was. */
static bool is_replaced(const struct line *line, const char *flag, const char *value)
{
    if (!strcmp(flag, "steps")) return line->steps > 0;
    return line->wanted && !strcmp(flag, "set") &&
           (!strncmp(value, "train.steps=", 12) || !strncmp(value, "train.epochs=", 13));
}

static char *command_line(const weir_cli *cli, const struct line *line)
{
    weir_text out = {0};
    weir_text_printf(&out, "weir %s ", line->command);
    add_word(&out, line->path);
    for (size_t i = 0; i < cli->options; i++)
        for (size_t k = 0; line->flags[k]; k++) {
            if (strcmp(cli->option[i].flag->name, line->flags[k]) != 0) continue;
            if (is_replaced(line, line->flags[k], cli->option[i].value)) continue;
            weir_text_printf(&out, " --%s", line->flags[k]);
            if (!cli->option[i].flag->value) continue;
            weir_text_add(&out, " ");
            add_word(&out, cli->option[i].value);
        }
    if (line->wanted && line->epochs) weir_text_add(&out, " --set train.epochs=0");
    if (line->wanted)
        weir_text_printf(&out, " --set train.steps=%llu", (unsigned long long)line->wanted);
    if (line->steps) weir_text_printf(&out, " --steps %llu", (unsigned long long)line->steps);
    return weir_text_take(&out);
}

/* net.yaml -> net.weir.yaml */
static char *default_output(const char *path)
{
    weir_text out = {0};
    size_t n = strlen(path);
    if (n > 5 && !strcmp(path + n - 5, ".yaml")) n -= 5;
    weir_text_add_bytes(&out, path, n);
    weir_text_add(&out, ".weir.yaml");
    return weir_text_take(&out);
}

/* Where --apply writes: to be freed. */
static char *output_path(const weir_cli *cli)
{
    const char *given = weir_cli_get(cli, "output");
    return given ? weir_strdup(given) : default_output(cli->argument[0]);
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Before the work: a file made earlier, and perhaps changed since, is not overwritten unless it is
 * named; the configuration itself never is; a folder that takes no files is not found out about an
 * hour later. */
static bool may_write(weir_cli *cli)
{
    struct stat st;
    const char *named = weir_cli_get(cli, "output");
    if (!weir_cli_get(cli, "apply")) {
        if (named)
            weir_fail(&cli->err, WEIR_USAGE, "%s",
                      _("-o says where --apply writes: --apply 1 writes the first prescription"));
        return !named;
    }
    char *path = output_path(cli), *copy = path ? weir_strdup(path) : NULL;
    if (!copy)
        weir_fail_memory(&cli->err);
    else if (is_same_file(path, cli->argument[0]))
        weir_fail(&cli->err, WEIR_USAGE, _("%s is the configuration that is visited: name another "
                                           "file with -o"), path);
    else if (!named && stat(path, &st) == 0)
        weir_fail(&cli->err, WEIR_USAGE,
                  _("%s is there already: name another file, or this one, with -o"), path);
    else if (access(dirname(copy), W_OK) != 0)
        weir_fail_errno(&cli->err, path, _("write"));
    weir_free(path);
    weir_free(copy);
    return !cli->err.status;
}

/* What was written is no more than what the trials have shown. */
static void tell_written(const weir_prescription *p, const char *path)
{
    fprintf(stderr, _("weir: wrote %s: %s, %s\n"), path, p->remedy, p->variant);
    if (p->outcome == WEIR_UNTRIED)
        fprintf(stderr, _("weir: it has not been tried\n"));
    else if (p->outcome != WEIR_PROVEN)
        fprintf(stderr, _("weir: note that the trials call it %s\n"),
                weir_trial_outcome_name(p->outcome));
}

/* Does what --apply says. *path: the file that was written, to be freed, or NULL. */
static weir_status apply(weir_cli *cli, const weir_report *report, char **path)
{
    uint64_t number;
    *path = NULL;
    if (!weir_cli_count(cli, "apply", 1, 0, &number)) return cli->err.status;
    if (number == 0) return WEIR_OK;
    if (number > report->prescriptions)
        return weir_fail(&cli->err, WEIR_USAGE, _("--apply %llu: there are %zu prescriptions"),
                         (unsigned long long)number, report->prescriptions);
    const weir_prescription *p = &report->prescription[number - 1];
    char *text = weir_config_text(p->config);
    *path = output_path(cli);
    weir_status status = *path && text ? weir_file_write(*path, text, strlen(text), &cli->err)
                                       : weir_fail_memory(&cli->err);
    if (!status && !cli->quiet) tell_written(p, *path);
    weir_free(text);
    if (!status) return WEIR_OK;
    weir_free(*path);
    *path = NULL;
    return status;
}

/* The longest trial, or the observed run where there was none. */
static uint64_t steps_tried(const weir_report *report)
{
    uint64_t most = report->record->steps;
    if (report->untreated.steps > most) most = report->untreated.steps;
    for (size_t i = 0; i < report->prescriptions; i++)
        if (report->prescription[i].steps > most) most = report->prescription[i].steps;
    return most;
}

static bool print_next(weir_cli *cli, const weir_report *report, const char *written)
{
    static const char *const visit[] = {"set",       "seed",    "steps", "max-trials",
                                        "precision", "kernels", NULL};
    static const char *const all[] = {"set",     "seed",      "steps",   "max-trials", "no-trials",
                                      "budget",  "fail-on",   "threads", "precision",  "kernels",
                                      NULL};
    static const char *const net[] = {"set", "seed", "precision", "kernels", NULL};
    static const char *const machine[] = {"precision", "kernels", NULL};
    if (cli->json) return true;
    weir_text out = {0};
    weir_canvas canvas = weir_cli_canvas(&out, false);
    const char *path = cli->argument[0];
    uint64_t more = 4 * steps_tried(report), wanted = report->steps_wanted;
    bool beyond = steps_tried(report) >= wanted; /* only more training steps give it more */
    struct line again = {"doctor", path, visit, 0, 0, false}, longer = again;
    struct line train = {"train", path, net, 0, 0, false};
    struct line same = {"doctor", path, all, 0, 0, false};
    longer.steps = beyond || more < wanted ? more : wanted;
    longer.wanted = beyond ? more : 0;
    longer.epochs = weir_config_get(report->config, "train.epochs") != NULL;
    weir_next next = {
        command_line(cli, &again), command_line(cli, &longer), command_line(cli, &train),
        written ? command_line(cli, &(struct line){"train", written, machine, 0, 0, false})
                : NULL,
        command_line(cli, &same)};
    if (next.again && next.longer && next.train && next.same)
        weir_show_next(&canvas, report, &next);
    weir_free((char *)(uintptr_t)next.again);
    weir_free((char *)(uintptr_t)next.longer);
    weir_free((char *)(uintptr_t)next.train);
    weir_free((char *)(uintptr_t)next.written);
    weir_free((char *)(uintptr_t)next.same);
    return weir_cli_print(cli, &out);
}

/* "output": the file that --apply is about to write, where there is such a prescription. */
static bool print_json(weir_cli *cli, const weir_report *report)
{
    uint64_t number = 0;
    json_t *object = weir_json_report(report);
    bool writes = weir_cli_count(cli, "apply", 1, 0, &number) && number > 0 &&
                  number <= report->prescriptions;
    char *path = writes ? output_path(cli) : NULL;
    json_object_set_new(object, "output", path ? json_string(path) : json_null());
    weir_free(path);
    return weir_cli_print_json(cli, object);
}

static bool print_outcome(weir_cli *cli, const weir_report *report)
{
    weir_text out = {0};
    if (cli->json) return print_json(cli, report);
    weir_canvas canvas = weir_cli_canvas(&out, false);
    weir_show_prescriptions(&canvas, report);
    weir_show_weighed(&canvas, report);
    weir_show_verdict(&canvas, report);
    return weir_cli_print(cli, &out);
}

/* More steps were asked for than there are. */
static void tell_cut(const weir_cli *cli, const weir_report *report, uint64_t steps)
{
    if (cli->quiet || steps <= report->steps_wanted) return;
    fprintf(stderr, _("weir: --steps %llu: the net trains for %llu, and was watched no longer\n"),
            (unsigned long long)steps, (unsigned long long)report->steps_wanted);
}

static int exit_status(weir_cli *cli, const weir_report *report)
{
    const char *fail_on = weir_cli_get(cli, "fail-on");
    if (weir_cli_interrupted()) return weir_cli_signal_status();
    weir_severity least = fail_on && !strcmp(fail_on, "warning") ? WEIR_WARNING : WEIR_ERROR;
    if (report->diagnosis == WEIR_NOT_GRADIENT) return WEIR_FINDINGS;
    for (size_t i = 0; i < report->findings; i++)
        if (report->finding[i].severity >= least) return WEIR_FINDINGS;
    return WEIR_OK;
}

/* A run's folder stands for its configuration: its path then lies in `room`. */
static void find_config(weir_cli *cli, char *room, size_t size)
{
    struct stat st;
    const char *path = cli->argument[0];
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) return;
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    int written = snprintf(room, size, "%.*s/config.yaml", (int)n, path);
    if (written < 0 || (size_t)written >= size || access(room, R_OK) != 0) return;
    if (!cli->quiet) fprintf(stderr, _("weir: %s is a run: visiting its %s\n"), path, room);
    cli->argument[0] = room;
}

static int run(weir_cli *cli)
{
    char room[4096];
    weir_doctor_options options;
    weir_config *config;
    weir_report *report;
    const char *fail_on = weir_cli_get(cli, "fail-on");
    if (fail_on && strcmp(fail_on, "error") != 0 && strcmp(fail_on, "warning") != 0)
        weir_fail(&cli->err, WEIR_USAGE, _("--fail-on is error or warning, not \"%s\""), fail_on);
    if (cli->err.status || !read_options(cli, &options)) return weir_cli_fail(cli);
    find_config(cli, room, sizeof room);
    if (!may_write(cli)) return weir_cli_fail(cli);
    if (weir_cli_config(cli, cli->argument[0], &config)) return weir_cli_fail(cli);
    weir_status status = weir_doctor(config, &options, &report, &cli->err);
    weir_cli_progress_end(cli);
    weir_config_free(config);
    if (status) return weir_cli_fail(cli);
    tell_cut(cli, report, options.steps);
    char *written = NULL;
    bool ok = !cli->err.status && print_outcome(cli, report) && !apply(cli, report, &written) &&
              print_next(cli, report, written);
    int result = ok ? exit_status(cli, report) : weir_cli_fail(cli);
    weir_free(written);
    weir_report_free(report);
    return result;
}

const weir_command weir_command_doctor = {
    .name = "doctor",
    .doc = N_("train a little, measure, diagnose, try remedies and show which are proven"),
    .arguments = "CONFIG|RUN",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = run,
};
