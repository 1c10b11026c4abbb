#include "train/identity.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"

#include <stdio.h>
#include <string.h>

/* --- the configuration ------------------------------------------------------------------------ */

static void remove_keys(weir_yaml *map, const char *const *keys)
{
    for (; map && *keys; keys++) {
        weir_yaml *child = weir_yaml_find(map, *keys);
        if (child) weir_yaml_remove(map, child);
    }
}

/* The same file may lie elsewhere now; that it is the same, its hash tells. */
static void hide_files(weir_yaml *map, const weir_data *data)
{
    for (size_t i = 0; map && i < data->files; i++) {
        weir_yaml *named = weir_yaml_find(map, data->file[i].key);
        if (named) named->text = "(file)";
    }
}

weir_config *weir_identity_config(const weir_trainer *t)
{
    static const char *const top[] = {"doctor", "name", NULL};
    /* the seed is compared as the number it came to */
    static const char *const train[] = {"steps",    "epochs", "eval_every", "checkpoint_every",
                                        "patience", "seed",   NULL};
    weir_config *config = weir_config_copy(t->config);
    if (!config) return NULL;
    remove_keys(config->root, top);
    remove_keys(weir_yaml_find(config->root, "train"), train);
    hide_files(weir_yaml_find(config->root, "data"), t->data);
    return config;
}

/* --- the data --------------------------------------------------------------------------------- */

/* FNV-1a, 64 bits. */
static void hash(uint64_t *h, const void *data, size_t size)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < size; i++) *h = (*h ^ p[i]) * 0x100000001b3u;
}

static void hash_tensor(uint64_t *h, const weir_tensor *t)
{
    size_t width = t->shape.dtype == WEIR_FLOAT ? sizeof(real) : sizeof(int32_t);
    for (size_t i = 0; i < t->shape.rank; i++) hash(h, &t->shape.dim[i], sizeof t->shape.dim[i]);
    hash(h, t->data, weir_count(t) * width);
}

static weir_status hash_batches(weir_trainer *t, uint64_t *h, weir_error *err)
{
    uint64_t n = t->data->batches[WEIR_TRAIN], at[] = {0, n / 3, n / 2, n - 1};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        weir_batch batch = {0};
        weir_arena_reset(&t->eval_batch);
        WEIR_TRY(t->data->kind->batch(t->data, WEIR_TRAIN, at[i], &t->eval_batch, &batch, err));
        hash_tensor(h, &batch.x);
        hash_tensor(h, &batch.target);
    }
    hash(h, &n, sizeof n);
    return WEIR_OK;
}

weir_status weir_identity_data(weir_trainer *t, char print[WEIR_PRINT], weir_error *err)
{
    if (!t->data_hash) {
        uint64_t h = 0xcbf29ce484222325u;
        for (size_t i = 0; t->data->symbols && i < t->data->hints.vocabulary; i++)
            hash(&h, t->data->symbols[i], strlen(t->data->symbols[i]) + 1);
        WEIR_TRY(hash_batches(t, &h, err));
        t->data_hash = h | 1; /* 0 is "not known yet" */
    }
    snprintf(print, WEIR_PRINT, "%016llx", (unsigned long long)t->data_hash);
    return WEIR_OK;
}

/* --- comparing -------------------------------------------------------------------------------- */

/* The first line of a difference that begins with `mark`, without it and its indent; "" for none.
 */
static void first_line(const char *diff, char mark, char line[200])
{
    *line = '\0';
    for (const char *p = diff; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        if (*p != mark) continue;
        const char *words = p + 1 + strspn(p + 1, " ");
        snprintf(line, 200, "%.*s", (int)strcspn(words, "\n"), words);
        return;
    }
}

#define GO_ON N_("a run goes on with its net, data and optimizer; train anew to change them")

static weir_status fail_config(const char *path, const weir_config *there, const weir_config *here,
                               weir_error *err)
{
    char lacks[200], has[200];
    char *diff = weir_config_diff(there, here);
    if (!diff) return weir_fail_memory(err);
    first_line(diff, '-', has);
    first_line(diff, '+', lacks);
    weir_free(diff);
    if (*has && *lacks)
        return weir_fail(err, WEIR_USAGE,
                         _("%s: belongs to another configuration: it has \"%s\", this one "
                           "\"%s\"; %s"),
                         path, has, lacks, _(GO_ON));
    return weir_fail(err, WEIR_USAGE,
                     *has ? _("%s: belongs to another configuration: only it has \"%s\"; %s")
                          : _("%s: belongs to another configuration: it lacks \"%s\"; %s"),
                     path, *has ? has : lacks, _(GO_ON));
}

static weir_status compare_configs(const weir_trainer *t, const char *path, const char *config,
                                   weir_error *err)
{
    weir_config *here = weir_identity_config(t), *there = NULL;
    char *text = here ? weir_config_text(here) : NULL;
    weir_status status = text ? WEIR_OK : weir_fail_memory(err);
    if (!status && strcmp(text, config) != 0) {
        status = weir_config_parse(config, path, &there, err);
        if (!status) status = fail_config(path, there, here, err);
        if (status != WEIR_MEMORY) status = WEIR_USAGE;
    }
    weir_free(text);
    weir_config_free(here);
    weir_config_free(there);
    return status;
}

weir_status weir_identity_check(weir_trainer *t, const char *path, const char *config,
                                const char *print, weir_error *err)
{
    char here[WEIR_PRINT];
    WEIR_TRY(compare_configs(t, path, config, err));
    WEIR_TRY(weir_identity_data(t, here, err));
    if (!strcmp(here, print)) return WEIR_OK;
    return weir_fail(err, WEIR_USAGE,
                     _("%s: belongs to other data: the batches are not those it was trained on"),
                     path);
}
