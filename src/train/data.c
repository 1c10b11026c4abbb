/* The registry of data kinds, opening one from a configuration, and the shuffle they share. */
#include "train/data.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "nn/loss.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WEIR_DATA(name) &weir_data_##name,
const weir_data_kind *const weir_data_kinds[] = {
#include "train/data/list.def"
    NULL};
#undef WEIR_DATA

const weir_data_kind *weir_data_find(const char *name)
{
    for (size_t i = 0; weir_data_kinds[i]; i++)
        if (!strcmp(weir_data_kinds[i]->name, name)) return weir_data_kinds[i];
    return NULL;
}

/* --- opening ---------------------------------------------------------------------------------- */

static weir_status choose_kind(weir_data *data, weir_error *err)
{
    enum { MOST = 64 };
    const char *names[MOST + 1] = {NULL};
    const weir_yaml *kind = weir_yaml_find(data->map, "kind");
    if (!kind)
        return weir_config_fail(data->config, data->map, err, "%s",
                                _("data needs a kind, as in data: {kind: text, path: input.txt}"));
    data->kind = weir_data_find(kind->text);
    if (data->kind) return WEIR_OK;
    for (size_t i = 0; i < MOST && weir_data_kinds[i]; i++) names[i] = weir_data_kinds[i]->name;
    return weir_config_fail_unknown(data->config, kind, _("kind of data"), kind->text, names, err);
}

static weir_status read_options(weir_data *data, weir_error *err)
{
    enum { MOST = 30 };
    const char *also[MOST + 3] = {"kind", "note"}; /* a note is for whoever reads the file */
    for (size_t i = 0; data->kind->keys && data->kind->keys[i].name && i < MOST; i++)
        also[i + 2] = data->kind->keys[i].name;
    data->options = weir_arena_calloc(&data->arena, 1, data->kind->options_size);
    if (!data->options) return weir_fail_memory(err);
    return weir_config_options(data->config, data->map, data->kind->options, also, data->options,
                               &data->arena, err);
}

/* The words in the configuration that name a file. */
static const weir_yaml *name_of(const weir_data *data, const weir_data_file *file)
{
    const weir_yaml *named = weir_yaml_find(data->map, file->key);
    return named ? named : data->map;
}

static bool is_readable_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0;
}

/* A file that is not there, or is none: the configuration says where it should be. */
static weir_status tell_where_it_is_named(const weir_data *data, weir_status status,
                                          weir_error *err)
{
    char place[512];
    for (size_t i = 0; status == WEIR_IO && i < data->files; i++) {
        if (is_readable_file(data->file[i].path)) continue;
        weir_config_place(data->config, name_of(data, &data->file[i]), place, sizeof place);
        weir_error_prefix(err, "%s: ", place);
        break;
    }
    return status;
}

static weir_status open_kind(weir_data *data, weir_error *err)
{
    data->map = weir_config_find(data->config, "data");
    if (!data->map || data->map->type != WEIR_YAML_MAP)
        return weir_config_fail(data->config, data->map, err, "%s",
                                _("a map \"data\" is needed, as in data: {kind: text, path: "
                                  "input.txt}"));
    WEIR_TRY(choose_kind(data, err));
    WEIR_TRY(read_options(data, err));
    return tell_where_it_is_named(data, data->kind->open(data, err), err);
}

weir_status weir_data_open(const weir_config *config, uint64_t seed, weir_data **out,
                           weir_error *err)
{
    *out = NULL;
    weir_data *data = weir_calloc(1, sizeof *data);
    if (!data) return weir_fail_memory(err);
    data->config = config;
    data->seed = seed;
    weir_status status = open_kind(data, err);
    data->config = NULL;
    data->map = NULL;
    if (status)
        weir_data_close(data);
    else
        *out = data;
    return status;
}

void weir_data_close(weir_data *data)
{
    if (!data) return;
    if (data->self && data->kind->close) data->kind->close(data);
    weir_arena_free(&data->arena);
    weir_free(data);
}

const weir_yaml *weir_data_key(const weir_data *data, const char *key)
{
    const weir_yaml *node = weir_yaml_find(data->map, key);
    return node ? node : data->map;
}

/* The configured loss, or NULL. */
static const weir_loss_kind *find_loss(const weir_data *data)
{
    const weir_yaml *node = weir_config_find(data->config, "train.loss"), *map;
    const char *name;
    if (!node || weir_config_kind(data->config, node, &name, &map, NULL)) return NULL;
    return weir_loss_find(name);
}

bool weir_data_wants_classes(const weir_data *data, int choice, bool fallback)
{
    const weir_loss_kind *loss = find_loss(data);
    if (choice) return choice == 1;
    return loss ? loss->classes : fallback;
}

bool weir_data_wants_shares(const weir_data *data)
{
    const weir_loss_kind *loss = find_loss(data);
    return loss && loss->shares;
}

static const char *find_file(weir_data *data, const char *path)
{
    const char *name = weir_config_name(data->config), *slash = strrchr(name, '/');
    if (*path == '/' || !slash) return weir_arena_strdup(&data->arena, path);
    size_t room = strlen(name) + strlen(path) + 1;
    char *beside = weir_arena_alloc(&data->arena, room);
    if (!beside) return NULL;
    snprintf(beside, room, "%.*s%s", (int)(slash - name + 1), name, path);
    if (access(beside, F_OK) != 0 && access(path, F_OK) == 0)
        return weir_arena_strdup(&data->arena, path);
    return beside;
}

const char *weir_data_path(weir_data *data, const char *key, const char *path)
{
    weir_data_file file = {key, find_file(data, path)};
    if (!file.path) return NULL;
    if (data->files < WEIR_DATA_FILES) data->file[data->files++] = file;
    return file.path;
}

/* --- shuffling -------------------------------------------------------------------------------- */

enum { ROUNDS = 6 };

/* Any function will do: a Feistel round is undone whatever it computes. */
static uint64_t mix(uint64_t half, uint64_t key)
{
    uint64_t h = (half + key) * 0x9E3779B97F4A7C15u;
    h = (h ^ (h >> 32)) * 0xD6E8FEB86659FD93u;
    return h ^ (h >> 32);
}

uint64_t weir_shuffled(uint64_t seed, uint64_t epoch, uint64_t n, uint64_t i)
{
    weir_rng rng = weir_rng_make(seed, WEIR_FOR_SHUFFLE, 0, epoch);
    uint64_t key[ROUNDS];
    for (int r = 0; r < ROUNDS; r++) {
        uint64_t high = weir_rng_u32(&rng);
        key[r] = high << 32 | weir_rng_u32(&rng);
    }
    unsigned bits = 2; /* of each half */
    while (bits < 32 && n > (uint64_t)1 << 2 * bits) bits++;
    uint64_t mask = ((uint64_t)1 << bits) - 1;
    do {
        uint64_t left = i >> bits, right = i & mask;
        for (int r = 0; r < ROUNDS; r++) {
            uint64_t was = right;
            right = left ^ (mix(right, key[r]) & mask);
            left = was;
        }
        i = left << bits | right;
    } while (i >= n);
    return i;
}
