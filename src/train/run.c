/* A run's folder: making it, training in it, going on in it. */
#include "weir/run.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "record/record.h"
#include "store/store.h"
#include "train/folder.h"
#include "train/trainer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const double flush_seconds = 2; /* between transactions of run.db */

struct weir_run {
    char *folder;
    weir_trainer *trainer;
    const weir_flow_record *record;
    weir_store *store;
    weir_store_mark mark;
    int lock;         /* the folder's descriptor, or -1 */
    bool made;        /* the folder is ours to remove if the run does not come about */
    uint64_t saved;   /* the checkpoint's step + 1; 0: none yet */
    double flushed;   /* when */
};

weir_run_options weir_run_options_init(void)
{
    return (weir_run_options){0};
}

const char *weir_run_folder(const weir_run *run)
{
    return run->folder;
}
weir_trainer *weir_run_trainer(weir_run *run)
{
    return run->trainer;
}
const weir_flow_record *weir_run_record(const weir_run *run)
{
    return run->record;
}

weir_status weir_record_load(const char *folder, weir_flow_record **record, weir_error *err)
{
    *record = NULL;
    WEIR_TRY(weir_run_check(folder, "run.db", err));
    return weir_store_read(folder, record, err);
}

void weir_run_free(weir_run *run)
{
    if (!run) return;
    weir_store_close(run->store);
    weir_trainer_free(run->trainer);
    if (run->lock >= 0) close(run->lock);
    weir_free(run->folder);
    weir_free(run);
}

/* --- the folder ------------------------------------------------------------------------------- */

static bool exists_in(const char *folder, const char *name)
{
    char *path = weir_run_path(folder, name);
    bool there = path && access(path, F_OK) == 0;
    weir_free(path);
    return there;
}

/* "examples/char-rnn.yaml", seed 1 -> "runs/char-rnn-1", or "runs/char-rnn-1-2" */
static char *default_folder(const weir_trainer *t, int turn)
{
    weir_text path = {0};
    const char *name = weir_config_name(t->config), *slash = strrchr(name, '/');
    const char *stem = slash ? slash + 1 : name, *dot = strrchr(stem, '.');
    weir_text_printf(&path, "runs/%.*s-%llu", dot && dot > stem ? (int)(dot - stem) : 200, stem,
                     (unsigned long long)t->seed);
    if (turn > 1) weir_text_printf(&path, "-%d", turn);
    return weir_text_take(&path);
}

/* Of several processes that look for a free name at once each finds its own. */
static weir_status make_default_folder(weir_run *run, weir_error *err)
{
    WEIR_TRY(weir_make_folder("runs", err));
    for (int turn = 1;; turn++) {
        run->folder = default_folder(run->trainer, turn);
        if (!run->folder) return weir_fail_memory(err);
        if (mkdir(run->folder, 0777) == 0) break;
        if (errno != EEXIST) return weir_fail_errno(err, run->folder, _("create the folder"));
        weir_free(run->folder);
    }
    run->made = true;
    return WEIR_OK;
}

static weir_status make_folder(weir_run *run, const char *folder, weir_error *err)
{
    if (!folder) return make_default_folder(run, err);
    run->folder = weir_strdup(folder);
    if (!run->folder) return weir_fail_memory(err);
    run->made = access(folder, F_OK) != 0;
    return weir_make_folder(folder, err);
}

static weir_status check_empty(const weir_run *run, weir_error *err)
{
    static const char *const names[] = {"config.yaml", "run.db", "checkpoint.safetensors",
                                        "model.safetensors"};
    bool holds = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        holds |= exists_in(run->folder, names[i]);
    if (!holds) return WEIR_OK;
    return weir_fail(err, WEIR_USAGE,
                     _("%s: holds a run already; go on with --resume %s, or take another name"),
                     run->folder, run->folder);
}

/* One process trains in a folder. Where folders cannot be locked, nobody is kept out. */
static weir_status lock(weir_run *run, weir_error *err)
{
    run->lock = open(run->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (run->lock < 0) return weir_fail_errno(err, run->folder, _("open"));
    if (flock(run->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return WEIR_OK;
    return weir_fail(err, WEIR_IO, _("%s: another process is training here"), run->folder);
}

/* A run that did not come about leaves nothing, not even when there is no memory to say so. */
static void remove_traces(weir_run *run)
{
    static const char *const names[] = {"config.yaml", "run.db", "run.db-wal", "run.db-shm",
                                        "run.db-journal"};
    weir_store_close(run->store);
    run->store = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlinkat(run->lock, names[i], 0);
    if (run->made) rmdir(run->folder);
}

/* --- config.yaml ------------------------------------------------------------------------------ */

/* Files of the data by their whole paths, so that the run can be gone on with from anywhere. */
static weir_status name_files(weir_config *config, const weir_data *data, weir_error *err)
{
    const weir_yaml *map = weir_yaml_find(config->root, "data");
    for (size_t i = 0; map && i < data->files; i++) {
        weir_yaml *named = weir_yaml_find(map, data->file[i].key);
        char *whole = realpath(data->file[i].path, NULL);
        if (named && whole && !(named->text = weir_arena_strdup(&config->arena, whole))) {
            free(whole);
            return weir_fail_memory(err);
        }
        free(whole);
    }
    return WEIR_OK;
}

static weir_status describe(const weir_trainer *t, weir_config *config, weir_error *err)
{
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)t->seed);
    WEIR_TRY(weir_config_set(config, "train.seed", seed, err));
    return name_files(config, t->data, err);
}

static weir_status write_config(const weir_run *run, weir_error *err)
{
    weir_config *config = weir_config_copy(run->trainer->config);
    weir_status status = config ? describe(run->trainer, config, err) : weir_fail_memory(err);
    char *text = status ? NULL : weir_config_text(config);
    char *path = weir_run_path(run->folder, "config.yaml");
    if (!status && (!text || !path)) status = weir_fail_memory(err);
    if (!status) status = weir_file_write(path, text, strlen(text), err);
    weir_free(text);
    weir_free(path);
    weir_config_free(config);
    return status;
}

/* --- beginning and going on ------------------------------------------------------------------- */

static weir_status open_trainer(weir_run *run, const weir_config *config,
                                const weir_run_options *o, weir_error *err)
{
    weir_trainer_options trainer = {.seed = o->seed, .arrays = o->arrays};
    return weir_trainer_new(config, &trainer, &run->trainer, err);
}

static weir_status watch(weir_run *run, weir_error *err)
{
    run->flushed = weir_now();
    return weir_trainer_watch(run->trainer, 0, &run->record, err);
}

static weir_status flush(weir_run *run, weir_error *err)
{
    run->flushed = weir_now();
    return weir_store_write(run->store, run->record, &run->mark, err);
}

static weir_status begin(weir_run *run, weir_error *err)
{
    WEIR_TRY(lock(run, err));
    WEIR_TRY(check_empty(run, err));
    weir_status status = write_config(run, err);
    if (!status) status = weir_store_open(run->folder, &run->store, err);
    if (!status) status = flush(run, err);
    if (status) remove_traces(run);
    return status;
}

static weir_run *run_new(void)
{
    weir_run *run = weir_calloc(1, sizeof *run);
    if (run) run->lock = -1;
    return run;
}

weir_status weir_run_new(const weir_config *config, const weir_run_options *options, weir_run **out,
                         weir_error *err)
{
    weir_run_options o = options ? *options : weir_run_options_init();
    *out = NULL;
    weir_run *run = run_new();
    if (!run) return weir_fail_memory(err);
    weir_status status = open_trainer(run, config, &o, err);
    if (!status) status = watch(run, err);
    if (!status) status = make_folder(run, o.folder, err);
    if (!status) status = begin(run, err);
    if (status)
        weir_run_free(run);
    else
        *out = run;
    return status;
}

static weir_status restore(weir_run *run, weir_error *err)
{
    char *path = weir_run_path(run->folder, "checkpoint.safetensors");
    weir_status status;
    if (!path)
        status = weir_fail_memory(err);
    else if (access(path, F_OK) != 0)
        status = weir_fail(err, WEIR_IO,
                           _("%s is missing: the run diverged, or was ended, before it had a "
                             "checkpoint to go on from"),
                           path);
    else
        status = weir_trainer_restore(run->trainer, path, err);
    run->saved = weir_trainer_steps(run->trainer) + 1;
    weir_free(path);
    return status;
}

/* What watching adds at once, the evaluation before the first step, is in the database already: or
 * would not be there had the run not been interrupted. */
static weir_status resume(weir_run *run, const weir_config *config, const weir_run_options *o,
                          weir_error *err)
{
    run->folder = weir_strdup(o->folder);
    if (!run->folder) return weir_fail_memory(err);
    WEIR_TRY(open_trainer(run, config, o, err));
    WEIR_TRY(lock(run, err));
    WEIR_TRY(restore(run, err));
    WEIR_TRY(weir_store_open(run->folder, &run->store, err));
    WEIR_TRY(watch(run, err));
    run->mark.evals = run->record->evals;
    if (!weir_trainer_done(run->trainer)) WEIR_TRY(write_config(run, err)); /* else it stays done */
    return weir_store_drop_after(run->store, weir_trainer_steps(run->trainer), err);
}

weir_status weir_run_resume(const weir_config *config, const weir_run_options *options,
                            weir_run **out, weir_error *err)
{
    weir_config *own = NULL;
    *out = NULL;
    if (!options || !options->folder)
        return weir_fail(err, WEIR_USAGE, "%s", _("to go on with a run, name its folder"));
    if (!config) WEIR_TRY(weir_run_load_config(options->folder, &own, err));
    weir_run *run = run_new();
    weir_status status =
        run ? resume(run, config ? config : own, options, err) : weir_fail_memory(err);
    weir_config_free(own);
    if (status)
        weir_run_free(run);
    else
        *out = run;
    return status;
}

/* --- training --------------------------------------------------------------------------------- */

weir_status weir_run_save(weir_run *run, weir_error *err)
{
    char *checkpoint = weir_run_path(run->folder, "checkpoint.safetensors");
    char *model = weir_run_path(run->folder, "model.safetensors");
    weir_status status = checkpoint && model ? flush(run, err) : weir_fail_memory(err);
    if (!status) status = weir_trainer_save(run->trainer, checkpoint, err);
    if (!status) status = weir_trainer_save_model(run->trainer, model, err);
    if (!status) run->saved = weir_trainer_steps(run->trainer) + 1;
    weir_free(checkpoint);
    weir_free(model);
    return status;
}

static weir_status fail_diverged(const weir_run *run, weir_error *err)
{
    char where[400];
    return weir_fail(err, WEIR_DIVERGED,
                     _("the run diverged in step %llu: the first number that is not finite is in "
                       "%s"),
                     (unsigned long long)weir_trainer_steps(run->trainer),
                     weir_nonfinite_words(run->record, where, sizeof where));
}

/* What follows a step. */
static weir_status keep(weir_run *run, weir_wish wish, weir_error *err)
{
    size_t every = run->trainer->options.checkpoint_every;
    bool due = every && weir_trainer_steps(run->trainer) % every == 0;
    if (due || wish != WEIR_CONTINUE) return weir_run_save(run, err);
    return weir_now() - run->flushed > flush_seconds ? flush(run, err) : WEIR_OK;
}

weir_status weir_run_train(weir_run *run, weir_run_step *on_step, void *self, weir_error *err)
{
    weir_train_event event;
    while (!weir_trainer_done(run->trainer)) {
        WEIR_TRY(weir_trainer_step(run->trainer, &event, err));
        weir_wish wish = on_step ? on_step(self, &event) : WEIR_CONTINUE;
        if (!event.finite) {
            WEIR_TRY(flush(run, err));
            return fail_diverged(run, err);
        }
        WEIR_TRY(keep(run, wish, err));
        if (wish == WEIR_STOP && !weir_trainer_done(run->trainer)) return WEIR_STOPPED;
    }
    return run->saved == weir_trainer_steps(run->trainer) + 1 ? WEIR_OK : weir_run_save(run, err);
}
