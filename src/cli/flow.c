/* weir flow CONFIG: trains a little and shows how the gradient flows, without judging.
 * weir flow RUN: shows what a run has recorded. */
#include "base/clock.h"
#include "base/intl.h"
#include "base/status.h"
#include "cli/cli.h"
#include "show/show.h"
#include "weir/run.h"

#include <stdio.h>
#include <sys/stat.h>

static const weir_flag flags[] = {
    {"steps", 0, "N", N_("training steps to watch (default: 100, at most train.steps)")},
    {0}};

/* One step more ends a watch that was interrupted: it takes everything. */
static weir_status watch(weir_cli *cli, weir_trainer *t, uint64_t steps)
{
    weir_train_event event = {.finite = true};
    double told = weir_now();
    bool ending = false;
    WEIR_TRY(weir_trainer_watch(t, 0, NULL, &cli->err));
    weir_trainer_watch_until(t, steps, 0, 0);
    while (weir_trainer_steps(t) < steps && event.finite) {
        WEIR_TRY(weir_trainer_step(t, &event, &cli->err));
        if (weir_cli_interrupted() && !ending) {
            ending = true;
            steps = event.step + 1;
            weir_trainer_watch_until(t, steps, 0, 0);
        }
        if (weir_now() - told < 0.2) continue;
        told = weir_now();
        weir_cli_progress(cli, _("watching it train"), (size_t)event.step, (size_t)steps, NULL);
    }
    return WEIR_OK;
}

static weir_status train(weir_cli *cli, weir_flow_record **record)
{
    uint64_t steps, seed;
    weir_config *config;
    weir_trainer *trainer;
    if (!weir_cli_count(cli, "steps", 1, 100, &steps)) return WEIR_USAGE;
    if (!weir_cli_count(cli, "seed", 0, 0, &seed)) return WEIR_USAGE;
    WEIR_TRY(weir_cli_config(cli, cli->argument[0], &config));
    weir_trainer_options o = weir_trainer_options_init();
    o.seed = seed;
    weir_status status = weir_trainer_new(config, &o, &trainer, &cli->err);
    weir_config_free(config);
    if (status) return status;
    uint64_t most = weir_trainer_steps_wanted(trainer);
    status = watch(cli, trainer, steps < most ? steps : most);
    weir_cli_progress_end(cli);
    if (!status) *record = weir_trainer_take_record(trainer);
    weir_trainer_free(trainer);
    return status;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool print(weir_cli *cli, const weir_flow_record *record)
{
    weir_text out = {0};
    if (cli->json) return weir_cli_print_json(cli, weir_json_flow(record));
    weir_canvas c = weir_cli_canvas(&out, false);
    weir_show_network(&c, record);
    weir_show_depth(&c, record);
    weir_show_time(&c, record);
    weir_show_contributions(&c, record);
    weir_show_units(&c, record);
    weir_show_clipping(&c, record);
    weir_show_nonfinite(&c, record);
    return weir_cli_print(cli, &out);
}

/* A run shows what it recorded: nothing can be asked of it that would change that. */
static bool asks_for_more(weir_cli *cli)
{
    static const char *const flags_of_training[] = {"steps", "set", "seed", NULL};
    for (size_t i = 0; flags_of_training[i]; i++) {
        if (!weir_cli_get(cli, flags_of_training[i])) continue;
        weir_fail(&cli->err, WEIR_USAGE,
                  _("%s is a run, and shows what it recorded: --%s would change nothing"),
                  cli->argument[0], flags_of_training[i]);
        return true;
    }
    return false;
}

static int run(weir_cli *cli)
{
    weir_flow_record *record = NULL;
    const char *path = cli->argument[0];
    bool stored = is_folder(path);
    weir_status status =
        stored ? weir_record_load(path, &record, &cli->err) : train(cli, &record);
    if (status || (stored && asks_for_more(cli))) {
        weir_record_free(record);
        return weir_cli_fail(cli);
    }
    int result = !print(cli, record)       ? weir_cli_fail(cli)
                 : weir_cli_interrupted() ? weir_cli_signal_status()
                 : record->diverged       ? WEIR_DIVERGED
                                          : WEIR_OK;
    weir_record_free(record);
    return result;
}

const weir_command weir_command_flow = {
    .name = "flow",
    .doc = N_("measure how the gradient flows, and judge nothing"),
    .arguments = "CONFIG|RUN",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = run,
};
