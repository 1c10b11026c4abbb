/* weir train CONFIG: trains a net in a run's folder; weir train --resume RUN: goes on with one. */
#include "base/clock.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "cli/cli.h"
#include "show/show.h"
#include "train/folder.h"
#include "weir/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const weir_flag flags[] = {
    {"steps", 0, "N", N_("training steps (default: the configuration's train.steps)")},
    {"name", 0, "NAME",
     N_("train in runs/NAME (default: runs/CONFIG-SEED, with -2, -3 .. if taken)")},
    {"output", 'o', "FOLDER", N_("train in FOLDER")},
    {"resume", 0, "RUN", N_("go on with a run, from its checkpoint")},
    {0}};

/* --- progress --------------------------------------------------------------------------------- */

struct watch {
    weir_cli *cli;
    weir_run *run;
    double begun, told;       /* seconds */
    uint64_t first, told_step; /* steps taken then */
    double rate;              /* steps per second, smoothed */
    double loss, accuracy, bits; /* of the newest step */
    weir_eval_point eval;     /* the newest; step 0: none */
};

/* "0.4 s", "2:05", "1:02:05" */
static const char *clock_text(double seconds, char buffer[32])
{
    unsigned long s = seconds < 1e9 ? (unsigned long)seconds : 999999999;
    if (seconds < 10)
        snprintf(buffer, 32, "%.1f s", seconds);
    else if (s >= 3600)
        snprintf(buffer, 32, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(buffer, 32, "%lu:%02lu", s / 60, s % 60);
    return buffer;
}

/* "  3.33 bits per character" (brief: "  3.33 bits/char"), "  accuracy 41.0 %", or nothing */
static void add_quality(char *line, size_t room, bool brief, double bits, double accuracy)
{
    size_t used = strlen(line);
    if (isfinite(bits))
        snprintf(line + used, room - used, brief ? _("  %.2f bits/char")
                                                 : _("  %.2f bits per character"), bits);
    else if (isfinite(accuracy))
        snprintf(line + used, room - used, _("  accuracy %.1f %%"), 100 * accuracy);
}

static void tell_progress(struct watch *w, const weir_train_event *e)
{
    char line[300], number[32], rate[32], left[32];
    double elapsed = weir_now() - w->told, recent = (double)(e->step - w->told_step) / elapsed;
    w->rate = w->rate > 0 ? 0.7 * w->rate + 0.3 * recent : recent;
    w->told = weir_now();
    w->told_step = e->step;
    snprintf(line, sizeof line, _("loss %.4g"), e->loss);
    add_quality(line, sizeof line, true, e->bits, e->accuracy);
    size_t used = strlen(line);
    snprintf(line + used, sizeof line - used, _("  |g| %s  %s steps/s  %s left"),
             weir_number(e->grad_norm, number), weir_number(w->rate, rate),
             clock_text((double)(e->steps - e->step) / w->rate, left));
    weir_cli_progress(w->cli, _("training"), (size_t)e->step, (size_t)e->steps, line);
}

static void tell_validation(const struct watch *w, const weir_eval_point *eval)
{
    char line[300];
    weir_cli_progress_end(w->cli);
    snprintf(line, sizeof line, _("step %llu  validation loss %.4g"),
             (unsigned long long)eval->step, eval->loss);
    add_quality(line, sizeof line, false,
                weir_trainer_bits(weir_run_trainer(w->run), eval->loss), eval->accuracy);
    fprintf(stderr, "%s\n", line);
}

static weir_wish on_step(void *self, const weir_train_event *e)
{
    struct watch *w = self;
    w->loss = e->loss;
    w->accuracy = e->accuracy;
    w->bits = e->bits;
    if (e->eval) w->eval = *e->eval;
    if (e->eval && e->finite && !w->cli->quiet) tell_validation(w, e->eval);
    if (weir_now() - w->told >= 0.2 || e->step == e->steps) tell_progress(w, e);
    return weir_cli_interrupted() ? WEIR_STOP : WEIR_CONTINUE;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void show_files(weir_canvas *c, const char *folder)
{
    static const char *const files[][2] = {
        {"config.yaml", N_("the configuration, seed included")},
        {"run.db", N_("curves and gradient flow, in SQLite")},
        {"checkpoint.safetensors", N_("to go on from, bit for bit")},
        {"model.safetensors", N_("the parameters, with PyTorch's names")}};
    weir_paint_heading(c, _("Where it is"));
    weir_text_printf(c->out, "  %s/\n", folder);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        weir_text_add(c->out, "    ");
        weir_paint_cell(c, WEIR_PLAIN, 24, files[i][0]);
        weir_paint(c, WEIR_DIM, " %s\n", _(files[i][1]));
    }
}

static void show_steps(weir_canvas *c, const struct watch *w)
{
    uint64_t all = weir_trainer_steps(weir_run_trainer(w->run)), taken = all - w->first;
    double seconds = weir_now() - w->begun;
    char time[32], rate[32];
    if (!all) {
        weir_text_add(c->out, _("  no step was asked for, and none was taken\n"));
        return;
    }
    if (!taken) {
        weir_text_printf(c->out, _("  it had all its %llu steps before; --steps N gives it more\n"),
                         (unsigned long long)all);
        return;
    }
    weir_text_printf(c->out, _("  %llu steps in %s, %s a second"), (unsigned long long)taken,
                     clock_text(seconds, time), weir_number((double)taken / seconds, rate));
    if (w->first)
        weir_text_printf(c->out, _("; with those before %llu"), (unsigned long long)all);
    weir_text_add(c->out, "\n");
}

static void show_result(weir_canvas *c, const struct watch *w)
{
    weir_trainer *t = weir_run_trainer(w->run);
    weir_validation v = weir_trainer_validation(t);
    char line[300] = "";
    weir_paint_heading(c, _("Trained"));
    show_steps(c, w);
    if (v.stopped)
        weir_text_printf(c->out, _("  stopped early: no better validation in the last %llu\n"),
                         (unsigned long long)v.since);
    if (!w->eval.step) return;
    add_quality(line, sizeof line, false, weir_trainer_bits(t, w->eval.loss), w->eval.accuracy);
    weir_text_printf(c->out, _("  validation loss %.4g%s\n"), w->eval.loss, line);
    double constant = weir_trainer_constant_loss(t);
    if (!isfinite(v.best)) {
        weir_text_printf(c->out, _("  no validation was finite; a constant guess has %.4g\n"),
                         constant);
        return;
    }
    weir_text_printf(c->out,
                     _("  the best was %.4g, after %llu steps; a constant guess has %.4g\n"),
                     v.best, (unsigned long long)v.best_step, constant);
    if (v.best_step != w->eval.step)
        weir_text_printf(c->out, _("  model.safetensors holds the last, not the best\n"));
}

/* failed: no better than a constant guess. */
static void show_next(weir_canvas *c, const char *folder, bool text, bool failed)
{
    weir_paint_heading(c, _("What to do next"));
    if (failed)
        weir_paint_command(c, _("it is no better than a constant guess; ask why:"),
                           "weir doctor %s", folder);
    else if (text)
        weir_paint_command(c, _("let it write:"), "weir generate %s", folder);
    weir_paint_command(c, _("see how its gradient flowed:"), "weir flow %s", folder);
    weir_paint_command(c, _("train it further:"), "weir train --resume %s --steps N", folder);
}

/* A run that diverged before its first checkpoint has none, and no model. */
static json_t *files_json(const char *folder)
{
    static const char *const files[][2] = {{"config", "config.yaml"},
                                           {"database", "run.db"},
                                           {"checkpoint", "checkpoint.safetensors"},
                                           {"model", "model.safetensors"}};
    json_t *o = json_pack("{s:s}", "folder", folder);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = weir_run_path(folder, files[i][1]);
        bool there = path && access(path, F_OK) == 0;
        json_object_set_new(o, files[i][0], there ? json_string(path) : json_null());
        weir_free(path);
    }
    return o;
}

static json_t *validation_json(const struct watch *w)
{
    weir_trainer *t = weir_run_trainer(w->run);
    if (!w->eval.step) return json_null();
    json_t *o = json_pack("{s:I}", "step", (json_int_t)w->eval.step);
    weir_json_number(o, "loss", w->eval.loss);
    weir_json_number(o, "accuracy", w->eval.accuracy);
    weir_json_number(o, "bits", weir_trainer_bits(t, w->eval.loss));
    return o;
}

static json_t *result_json(const struct watch *w, weir_status status)
{
    weir_trainer *t = weir_run_trainer(w->run);
    weir_validation v = weir_trainer_validation(t);
    json_t *o = json_pack("{s:o, s:I, s:I, s:I, s:b, s:b, s:b, s:o}", "run",
                          files_json(weir_run_folder(w->run)), "seed",
                          (json_int_t)weir_trainer_seed(t), "steps",
                          (json_int_t)weir_trainer_steps(t), "steps_wanted",
                          (json_int_t)weir_trainer_steps_wanted(t), "stopped_early", v.stopped,
                          "interrupted", status == WEIR_STOPPED, "diverged",
                          status == WEIR_DIVERGED, "validation", validation_json(w));
    weir_json_number(o, "loss", w->loss);
    weir_json_number(o, "accuracy", w->accuracy);
    weir_json_number(o, "bits", w->bits);
    weir_json_number(o, "best_validation_loss", v.best);
    weir_json_number(o, "constant_loss", weir_trainer_constant_loss(t));
    weir_json_number(o, "seconds", weir_now() - w->begun);
    return o;
}

static bool print_result(weir_cli *cli, const struct watch *w, weir_status status)
{
    weir_text out = {0};
    if (cli->json) return weir_cli_print_json(cli, result_json(w, status));
    if (status) return true;
    weir_canvas c = weir_cli_canvas(&out, false);
    show_result(&c, w);
    show_files(&c, weir_run_folder(w->run));
    double constant = weir_trainer_constant_loss(weir_run_trainer(w->run));
    bool failed = w->eval.step && !(w->eval.loss < constant);
    show_next(&c, weir_run_folder(w->run),
              isfinite(weir_trainer_bits(weir_run_trainer(w->run), 1)), failed);
    return weir_cli_print(cli, &out);
}

/* --- the command ------------------------------------------------------------------------------ */

static bool print_network(weir_cli *cli, const weir_run *run)
{
    weir_text out = {0};
    if (cli->json || cli->quiet) return true;
    weir_canvas c = weir_cli_canvas(&out, false);
    weir_show_network(&c, weir_run_record(run));
    return weir_cli_print(cli, &out);
}

/* How training ended, in words and as an exit status. */
static int conclude(weir_cli *cli, const struct watch *w, weir_status status)
{
    const char *folder = weir_run_folder(w->run);
    weir_trainer *t = weir_run_trainer(w->run);
    if (status && status != WEIR_STOPPED && status != WEIR_DIVERGED) return weir_cli_fail(cli);
    if (!print_result(cli, w, status)) return weir_cli_fail(cli);
    if (status == WEIR_DIVERGED) {
        weir_cli_fail(cli);
        fprintf(stderr, _("weir doctor %s finds out why\n"), folder);
        return WEIR_DIVERGED;
    }
    if (status == WEIR_OK) return WEIR_OK;
    fprintf(stderr, _("stopped after %llu of %llu steps; everything is saved. To go on:\n"
                      "  weir train --resume %s\n"),
            (unsigned long long)weir_trainer_steps(t),
            (unsigned long long)weir_trainer_steps_wanted(t), folder);
    return weir_cli_signal_status();
}

static int train(weir_cli *cli, weir_run *run)
{
    struct watch w = {.cli = cli, .run = run, .begun = weir_now(), .told = weir_now(),
                      .first = weir_trainer_steps(weir_run_trainer(run)), .loss = (double)NAN,
                      .accuracy = (double)NAN, .bits = (double)NAN};
    w.told_step = w.first;
    if (!print_network(cli, run)) return weir_cli_fail(cli);
    if (!cli->quiet) fprintf(stderr, _("training in %s\n"), weir_run_folder(run));
    weir_status status = weir_run_train(run, on_step, &w, &cli->err);
    weir_cli_progress_end(cli);
    return conclude(cli, &w, status);
}

/* --steps N is train.steps, whatever the configuration says of epochs. */
static weir_status apply_steps(weir_cli *cli, weir_config *config)
{
    uint64_t steps;
    char text[32];
    if (!weir_cli_get(cli, "steps")) return WEIR_OK;
    if (!weir_cli_count(cli, "steps", 0, 0, &steps)) return WEIR_USAGE;
    snprintf(text, sizeof text, "%llu", (unsigned long long)steps);
    WEIR_TRY(weir_config_set(config, "train.steps", text, &cli->err));
    if (!weir_config_get(config, "train.epochs")) return WEIR_OK;
    return weir_config_set(config, "train.epochs", "0", &cli->err);
}

/* "a", "a/b"; not "/a", "a//b", "../a", "." */
static bool is_below(const char *name)
{
    for (const char *p = name;; p++) {
        size_t n = strcspn(p, "/");
        if (n == 0 || (n <= 2 && strspn(p, ".") == n)) return false;
        p += n;
        if (!*p) return true;
    }
}

/* The configuration that is trained, and where; `room` is for the folder's name. */
static weir_status read_command(weir_cli *cli, weir_config **config, weir_run_options *o,
                                char *room, size_t size)
{
    const char *resume = weir_cli_get(cli, "resume"), *name = weir_cli_get(cli, "name");
    const char *output = weir_cli_get(cli, "output"), *path = cli->argument[0];
    *o = weir_run_options_init();
    if (!resume == !cli->arguments)
        return weir_fail(&cli->err, WEIR_USAGE, "%s",
                         _("train takes one configuration, or --resume RUN"));
    if ((resume != NULL) + (name != NULL) + (output != NULL) > 1)
        return weir_fail(&cli->err, WEIR_USAGE, "%s",
                         _("--resume, --name and --output all name a folder: give one of them"));
    if (name && !is_below(name))
        return weir_fail(&cli->err, WEIR_USAGE,
                         _("--name %s names no folder below runs/: for one elsewhere use "
                           "--output"),
                         name);
    if (!weir_cli_count(cli, "seed", 0, 0, &o->seed)) return WEIR_USAGE;
    o->folder = resume ? resume : output;
    if (name) o->folder = room;
    if (resume) snprintf(room, size, "%s/config.yaml", resume);
    if (name) snprintf(room, size, "runs/%s", name);
    if (resume) WEIR_TRY(weir_run_check(resume, "config.yaml", &cli->err));
    WEIR_TRY(weir_cli_config(cli, resume ? room : path, config));
    return apply_steps(cli, *config);
}

static int run(weir_cli *cli)
{
    char room[4096];
    weir_run_options o;
    weir_config *config = NULL;
    weir_run *trained = NULL;
    weir_status status = read_command(cli, &config, &o, room, sizeof room);
    if (!status)
        status = weir_cli_get(cli, "resume") ? weir_run_resume(config, &o, &trained, &cli->err)
                                             : weir_run_new(config, &o, &trained, &cli->err);
    weir_config_free(config);
    int result = status ? weir_cli_fail(cli) : train(cli, trained);
    weir_run_free(trained);
    return result;
}

const weir_command weir_command_train = {
    .name = "train",
    .doc = N_("train a net in a folder of its own; Ctrl-C saves, --resume goes on"),
    .arguments = "CONFIG",
    .flags = flags,
    .least = 0,
    .most = 1,
    .run = run,
};
