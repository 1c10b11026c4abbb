/* Checkpoints: one safetensors file with everything that bits depend on.
 *
 *   model/NAME         parameters and buffers       optimizer/K  its state arrays [weights]
 *   state/NODE/h, /c   carried states [lines,B,H]   metadata     step, seed, validation so far,
 *                                                                and what the run must agree with
 *
 * Nothing else is needed: a batch is a pure function of the step (train/data.h), random numbers
 * are keyed by seed, purpose, layer and step (base/rng.h), and the schedule is a function of the
 * step.
 */
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "tensor/gemm.h"
#include "train/identity.h"
#include "train/vocabulary.h"
#include "train/weights.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char format_word[] = "weir checkpoint 1";

static const char *real_name(void)
{
    return sizeof(real) == 4 ? "float32" : "float64";
}

static const char *kernels_name(void)
{
    return sizeof(real) == 4 && weir_kernels_are_fast() ? "fast" : "reference";
}

/* --- the parts of a file ---------------------------------------------------------------------- */

/* The states of a recurrent node as they are between full batches, [lines,B,H]; data NULL. */
static weir_array shape_of_state(const weir_model *m, const weir_node *node)
{
    size_t dim[3] = {0}, from = node->input[0];
    for (size_t k = 0; k < node->params; k++) {
        const weir_parameter *p = weir_param(node, k);
        if (p->role != WEIR_RECURRENT_WEIGHT) continue;
        dim[0]++;
        dim[2] = p->hidden;
    }
    dim[1] = (from == WEIR_INPUT ? &m->x : &m->nodes[from].shape)->dim[1];
    return weir_array_of(weir_real_number(), NULL, 3, dim);
}

/* State s of a node: "1/h", "1/c". */
static const char *state_name(const weir_node *node, size_t s, char name[32])
{
    snprintf(name, 32, "%zu/%c", node->index, "hc"[s]);
    return name;
}

static const char *slot_name(size_t s, char name[32])
{
    snprintf(name, 32, "%zu", s);
    return name;
}

static weir_array slot_shape(const weir_trainer *t)
{
    return weir_array_of(weir_real_number(), NULL, 1, &t->model->weights);
}

/* --- saving ----------------------------------------------------------------------------------- */

enum { WORDS = 16 };

struct words {
    weir_arena *arena;
    weir_words pair[WORDS];
    size_t count;
    bool failed;
};

WEIR_PRINTF(3, 4)
static void say(struct words *w, const char *key, const char *format, ...)
{
    char value[64];
    va_list args;
    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    const char *kept = weir_arena_strdup(w->arena, value);
    if (!kept || w->count == WORDS) w->failed = true;
    if (!w->failed) w->pair[w->count++] = (weir_words){key, kept};
}

static void say_config(struct words *w, const weir_trainer *t)
{
    weir_config *config = weir_identity_config(t);
    char *text = config ? weir_config_text(config) : NULL;
    const char *kept = text ? weir_arena_strdup(w->arena, text) : NULL;
    if (kept)
        w->pair[w->count++] = (weir_words){"config", kept};
    else
        w->failed = true;
    weir_free(text);
    weir_config_free(config);
}

static weir_status say_all(struct words *w, weir_trainer *t, weir_error *err)
{
    const weir_validation *v = &t->validation;
    char print[WEIR_PRINT];
    size_t symbols = 0;
    WEIR_TRY(weir_identity_data(t, print, err));
    say(w, "format", "%s", format_word);
    say(w, "weir", "%s", weir_version());
    say(w, "real", "%s", real_name());
    say(w, "kernels", "%s", kernels_name());
    say(w, "step", "%llu", (unsigned long long)t->step);
    say(w, "seed", "%llu", (unsigned long long)t->seed);
    say(w, "best", "%.17g", v->best);
    say(w, "best_step", "%llu", (unsigned long long)v->best_step);
    say(w, "since", "%llu", (unsigned long long)v->since);
    say(w, "data", "%s", print);
    say_config(w, t);
    w->failed |= weir_vocabulary_words(t->data, w->arena, w->pair + w->count, &symbols) != WEIR_OK;
    w->count += symbols;
    return w->failed ? weir_fail_memory(err) : WEIR_OK;
}

/* A state left by a batch that was not full is carried nowhere. */
static weir_status gather_states(weir_gathered *g, const weir_trainer *t)
{
    char name[32];
    for (size_t i = 0; i < t->model->count; i++) {
        const weir_node *node = &t->model->nodes[i];
        for (size_t s = 0; s < node->kind->states; s++) {
            size_t k = i * WEIR_MAX_STATES + s;
            weir_array like = shape_of_state(t->model, node);
            if (t->carry.size[k] != like.count) continue;
            WEIR_TRY(weir_gather(g, "state/", state_name(node, s, name), t->carry.state[k], 3,
                                 like.dim));
        }
    }
    return WEIR_OK;
}

static weir_status gather_all(weir_gathered *g, const weir_trainer *t, weir_arena *arena)
{
    char name[32];
    size_t room = weir_weights_count(t->model) + t->slots + t->model->count * WEIR_MAX_STATES;
    WEIR_TRY(weir_gather_open(g, arena, room));
    WEIR_TRY(weir_weights_gather(g, t->model, "model/"));
    for (size_t s = 0; s < t->slots; s++)
        WEIR_TRY(weir_gather(g, "optimizer/", slot_name(s, name), t->slot[s], 1,
                             &t->model->weights));
    return gather_states(g, t);
}

weir_status weir_trainer_save(weir_trainer *t, const char *path, weir_error *err)
{
    weir_arena arena = {0};
    weir_gathered g;
    struct words w = {.arena = &arena};
    weir_status status = say_all(&w, t, err);
    if (!status && gather_all(&g, t, &arena)) status = weir_fail_memory(err);
    if (!status) status = weir_safetensors_write(path, g.array, g.count, w.pair, w.count, err);
    weir_arena_free(&arena);
    return status;
}

weir_status weir_trainer_save_model(weir_trainer *t, const char *path, weir_error *err)
{
    weir_arena arena = {0};
    weir_gathered g;
    weir_words words[2 + WEIR_VOCABULARY_WORDS] = {{"format", "pt"}, {"weir", weir_version()}};
    size_t symbols = 0;
    weir_status status = weir_gather_open(&g, &arena, weir_weights_count(t->model));
    if (!status) status = weir_weights_gather(&g, t->model, "");
    if (!status) status = weir_vocabulary_words(t->data, &arena, words + 2, &symbols);
    status = status ? weir_fail_memory(err)
                    : weir_safetensors_write(path, g.array, g.count, words, 2 + symbols, err);
    weir_arena_free(&arena);
    return status;
}

/* --- restoring -------------------------------------------------------------------------------- */

struct restored {
    weir_safetensors file;
    const char *path;
    uint64_t step, seed;
    weir_validation validation;
    weir_carry carry;
    const weir_array *slot[WEIR_MAX_SLOTS];
    size_t arrays; /* found so far */
    weir_error *err;
};

static weir_status fail_damaged(const struct restored *r, const char *what)
{
    return weir_fail(r->err, WEIR_IO, _("%s: is damaged: its %s cannot be read"), r->path, what);
}

static weir_status read_whole(const struct restored *r, const char *key, uint64_t *out)
{
    char *end;
    const char *word = weir_safetensors_word(&r->file, key);
    if (!word || *word < '0' || *word > '9') return fail_damaged(r, key);
    *out = strtoull(word, &end, 10);
    return *end ? fail_damaged(r, key) : WEIR_OK;
}

static weir_status read_best(struct restored *r)
{
    char *end;
    const char *word = weir_safetensors_word(&r->file, "best");
    if (!word || !*word) return fail_damaged(r, "best");
    r->validation.best = strtod(word, &end);
    return *end || isnan(r->validation.best) ? fail_damaged(r, "best") : WEIR_OK;
}

static weir_status check_format(const struct restored *r)
{
    const char *format = weir_safetensors_word(&r->file, "format");
    const char *there = weir_safetensors_word(&r->file, "real");
    const char *kernels = weir_safetensors_word(&r->file, "kernels");
    if (!format || strcmp(format, format_word) != 0)
        return weir_fail(r->err, WEIR_IO, _("%s: is not a checkpoint of this version of weir"),
                         r->path);
    if (!there) return fail_damaged(r, "real");
    if (strcmp(there, real_name()) != 0)
        return weir_fail(
            r->err, WEIR_USAGE,
            _("%s: was trained in %s, and this run computes in %s: use --precision %s"), r->path,
            there, real_name(), there);
    if (!kernels) return fail_damaged(r, "kernels");
    if (strcmp(kernels, kernels_name()) != 0)
        return weir_fail(r->err, WEIR_USAGE,
                         _("%s: was trained with the %s kernels; others round differently: use "
                           "--kernels %s"), r->path, kernels, kernels);
    return WEIR_OK;
}

static weir_status read_words(struct restored *r, weir_trainer *t)
{
    const char *config = weir_safetensors_word(&r->file, "config");
    const char *print = weir_safetensors_word(&r->file, "data");
    WEIR_TRY(check_format(r));
    if (!config || !print) return fail_damaged(r, config ? "data" : "config");
    WEIR_TRY(read_whole(r, "seed", &r->seed));
    if (r->seed != t->seed)
        return weir_fail(r->err, WEIR_USAGE, _("%s: has the seed %llu, and this run %llu"), r->path,
                         (unsigned long long)r->seed, (unsigned long long)t->seed);
    WEIR_TRY(weir_identity_check(t, r->path, config, print, r->err));
    WEIR_TRY(read_whole(r, "step", &r->step));
    WEIR_TRY(read_whole(r, "best_step", &r->validation.best_step));
    WEIR_TRY(read_whole(r, "since", &r->validation.since));
    return read_best(r);
}

static weir_status read_slots(struct restored *r, const weir_trainer *t)
{
    char name[32];
    weir_array like = slot_shape(t);
    for (size_t s = 0; s < t->slots; s++, r->arrays++)
        WEIR_TRY(weir_weights_find(&r->file, r->path, "optimizer/", slot_name(s, name), &like, true,
                                   &r->slot[s], r->err));
    return WEIR_OK;
}

/* A state that is not there was never carried; one that is must have the size that is read. */
static weir_status read_state(struct restored *r, const weir_model *m, const weir_node *node,
                              size_t s)
{
    char name[32], whole[40];
    const weir_array *found;
    size_t k = node->index * WEIR_MAX_STATES + s;
    weir_array like = shape_of_state(m, node);
    snprintf(whole, sizeof whole, "state/%s", state_name(node, s, name));
    if (!weir_safetensors_find(&r->file, whole)) return WEIR_OK;
    WEIR_TRY(weir_weights_find(&r->file, r->path, "state/", name, &like, true, &found, r->err));
    r->carry.state[k] = weir_malloc(like.count * sizeof(real));
    if (!r->carry.state[k]) return weir_fail_memory(r->err);
    r->carry.size[k] = like.count;
    weir_array_reals(found, 0, like.count, r->carry.state[k]);
    r->arrays++;
    return WEIR_OK;
}

static weir_status read_arrays(struct restored *r, const weir_trainer *t)
{
    const weir_model *m = t->model;
    WEIR_TRY(weir_weights_check(&r->file, r->path, "model/", m, true, r->err));
    r->arrays = weir_weights_count(m);
    WEIR_TRY(read_slots(r, t));
    if (weir_carry_open(&r->carry, m->count)) return weir_fail_memory(r->err);
    for (size_t i = 0; i < m->count; i++)
        for (size_t s = 0; s < m->nodes[i].kind->states; s++)
            WEIR_TRY(read_state(r, m, &m->nodes[i], s));
    if (r->arrays == r->file.count) return WEIR_OK;
    return weir_fail(r->err, WEIR_IO, _("%s: is damaged: it has arrays that no checkpoint has"),
                     r->path);
}

/* From here on nothing can fail. */
static void commit(struct restored *r, weir_trainer *t)
{
    weir_carry old = t->carry;
    weir_weights_read(&r->file, "model/", t->model);
    for (size_t s = 0; s < t->slots; s++)
        weir_array_reals(r->slot[s], 0, t->model->weights, t->slot[s]);
    t->carry = r->carry;
    r->carry = old;
    t->step = r->step;
    t->validation = r->validation;
    t->validation.stopped = t->options.patience && r->validation.since >= t->options.patience;
}

weir_status weir_trainer_restore(weir_trainer *t, const char *path, weir_error *err)
{
    struct restored r = {.path = path, .err = err};
    weir_status status = weir_safetensors_open(path, &r.file, err);
    if (!status) status = read_words(&r, t);
    if (!status) status = read_arrays(&r, t);
    if (!status) commit(&r, t);
    weir_carry_close(&r.carry);
    weir_safetensors_close(&r.file);
    return status;
}
