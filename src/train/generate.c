/* Text out of a trained net: its configuration and weights become a model of batches of one, which
 * is run symbol by symbol.
 *
 *   windows     x [1,1] ids, states carried from symbol to symbol
 *   context: n  x [1,n], the last n symbols
 */
#include "weir/text.h"

#include "base/file.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "formats/symbols.h"
#include "train/folder.h"
#include "train/trainer.h"
#include "train/vocabulary.h"
#include "train/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CONTEXT = 1000000000 };

struct candidate {
    double logit;
    int32_t id;
};

struct weir_generator {
    weir_arena arena;
    weir_config *config;
    weir_model *model;
    weir_pass *pass;
    weir_carry carry;
    weir_vocabulary vocabulary;
    size_t context;                /* 0: windows */
    int32_t *window;               /* [context], or the one symbol that is read */
    struct candidate *candidate;   /* [vocabulary.count] */
    bool begun;                    /* something was read */
    uint64_t drawn;                /* symbols */
    unsigned char pending[4];      /* bytes of a character that is not whole yet */
    size_t pendings;
};

/* --- opening ---------------------------------------------------------------------------------- */

/* The model as configured, for batches of one symbol (or context). */
static weir_status assemble(weir_generator *g, weir_error *err)
{
    size_t V = g->vocabulary.count;
    weir_init_list inits = {0};
    weir_data data = {.hints = {V, V}, .x = {WEIR_INT32, 2, {1, g->context ? g->context : 1}}};
    WEIR_TRY(weir_assemble(g->config, &data, 1, &g->arena, &g->model, &inits, err));
    for (size_t i = 0; i < g->model->params_count; i++)
        if (strstr(g->model->params[i].local, "_reverse"))
            return weir_fail(err, WEIR_USAGE,
                             _("%s: a bidirectional net has to know the end of a text to begin "
                               "it; it cannot generate one"),
                             weir_config_name(g->config));
    size_t outputs = weir_shape_features(&g->model->nodes[g->model->count - 1].shape);
    if (outputs == V) return WEIR_OK;
    return weir_fail(err, WEIR_USAGE, _("%s: the net has %zu outputs for %zu symbols"),
                     weir_config_name(g->config), outputs, V);
}

static weir_status read_model(weir_generator *g, const weir_safetensors *file, const char *path,
                              const char *prefix, weir_error *err)
{
    WEIR_TRY(weir_vocabulary_read(file, path, &g->arena, &g->vocabulary, err));
    WEIR_TRY(assemble(g, err));
    WEIR_TRY(weir_weights_check(file, path, prefix, g->model, false, err));
    weir_weights_read(file, prefix, g->model);
    return WEIR_OK;
}

/* model.safetensors; where there is none, the parameters in the checkpoint. */
static weir_status load_model(weir_generator *g, const char *folder, weir_error *err)
{
    weir_safetensors file = {0};
    char *model = weir_run_path(folder, "model.safetensors");
    char *checkpoint = weir_run_path(folder, "checkpoint.safetensors");
    weir_status status = model && checkpoint ? WEIR_OK : weir_fail_memory(err);
    bool whole = !status && (access(model, F_OK) == 0 || access(checkpoint, F_OK) != 0);
    const char *path = whole ? model : checkpoint;
    if (!status) status = weir_safetensors_open(path, &file, err);
    if (!status) status = read_model(g, &file, path, whole ? "" : "model/", err);
    weir_safetensors_close(&file);
    weir_free(model);
    weir_free(checkpoint);
    return status;
}

/* As data: {kind: text} reads it. */
static weir_status read_context(weir_generator *g, weir_error *err)
{
    static const weir_option table[] = {
        {"context", WEIR_SIZE, 0, "0", 0, MOST_CONTEXT, NULL, NULL}, {0}};
    char place[512];
    const weir_yaml *node = weir_config_find(g->config, "data.context");
    if (!node) return WEIR_OK;
    return weir_option_read(table, node->text,
                            weir_config_place(g->config, node, place, sizeof place), &g->context,
                            &g->arena, err);
}

/* What a text begins behind. */
static int32_t first_id(const weir_generator *g)
{
    int32_t id;
    return weir_vocabulary_id(&g->vocabulary, '\n', &id) ? id : 0;
}

static weir_status open_all(weir_generator *g, const char *folder, weir_error *err)
{
    WEIR_TRY(weir_run_load_config(folder, &g->config, err));
    WEIR_TRY(read_context(g, err));
    WEIR_TRY(load_model(g, folder, err));
    size_t n = g->context ? g->context : 1;
    g->pass = weir_pass_new(g->model);
    g->window = weir_arena_alloc(&g->arena, n * sizeof *g->window);
    g->candidate = weir_arena_alloc(&g->arena, g->vocabulary.count * sizeof *g->candidate);
    if (!g->pass || !g->window || !g->candidate || weir_carry_open(&g->carry, g->model->count))
        return weir_fail_memory(err);
    for (size_t i = 0; i < n; i++) g->window[i] = first_id(g);
    return WEIR_OK;
}

weir_status weir_generator_open(const char *folder, weir_generator **generator, weir_error *err)
{
    *generator = NULL;
    weir_generator *g = weir_calloc(1, sizeof *g);
    if (!g) return weir_fail_memory(err);
    weir_status status = open_all(g, folder, err);
    if (status)
        weir_generator_free(g);
    else
        *generator = g;
    return status;
}

void weir_generator_free(weir_generator *g)
{
    if (!g) return;
    weir_carry_close(&g->carry);
    weir_pass_free(g->pass);
    weir_model_free(g->model);
    weir_config_free(g->config);
    weir_arena_free(&g->arena);
    weir_free(g);
}

/* --- reading ---------------------------------------------------------------------------------- */

static weir_status forward(weir_generator *g, weir_error *err)
{
    weir_tensor x = {.shape = {WEIR_INT32, 2, {1, g->context ? g->context : 1}}, .i = g->window};
    weir_carry_in(&g->carry, g->pass, g->begun && !g->context);
    WEIR_TRY(weir_pass_forward(g->pass, &x, err));
    return weir_carry_out(&g->carry, g->pass) ? weir_fail_memory(err) : WEIR_OK;
}

/* One symbol behind the others. */
static weir_status read_id(weir_generator *g, int32_t id, weir_error *err)
{
    for (size_t i = 1; i < g->context; i++) g->window[i - 1] = g->window[i];
    g->window[g->context ? g->context - 1 : 0] = id;
    WEIR_TRY(forward(g, err));
    g->begun = true;
    return WEIR_OK;
}

weir_status weir_generator_read(weir_generator *g, const char *prompt, weir_error *err)
{
    weir_arena arena = {0};
    int32_t *ids;
    size_t count;
    weir_status status = weir_vocabulary_encode(&g->vocabulary, prompt, &arena, &ids, &count, err);
    if (!status) g->pendings = 0;
    for (size_t i = 0; i < count && !status; i++) status = read_id(g, ids[i], err);
    weir_arena_free(&arena);
    return status;
}

/* --- drawing ---------------------------------------------------------------------------------- */

weir_sampling weir_sampling_init(void)
{
    return (weir_sampling){.temperature = 1, .seed = 1};
}

/* The likeliest first; of equals the one with the smaller id. */
static int by_logit(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->logit != y->logit) return x->logit < y->logit ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

/* The candidates, likeliest first. */
static weir_status rank(weir_generator *g, weir_error *err)
{
    const real *logit = weir_pass_output(g->pass)->f; /* [V] */
    for (size_t i = 0; i < g->vocabulary.count; i++) {
        if (!isfinite(logit[i]))
            return weir_fail(err, WEIR_DIVERGED, _("%s: the net's output is not finite"),
                             weir_config_name(g->config));
        g->candidate[i] = (struct candidate){(double)logit[i], (int32_t)i};
    }
    qsort(g->candidate, g->vocabulary.count, sizeof *g->candidate, by_logit);
    return WEIR_OK;
}

/* p_i ~ exp(logit_i / temperature) over the first k candidates. */
static int32_t draw(const weir_generator *g, const weir_sampling *how)
{
    size_t k = how->top_k, n = k && k < g->vocabulary.count ? k : g->vocabulary.count;
    const struct candidate *c = g->candidate;
    if (how->temperature == 0) return c[0].id;
    weir_rng rng = weir_rng_make(how->seed, WEIR_FOR_SAMPLING, 0, g->drawn);
    double total = 0, sum = 0;
    for (size_t i = 0; i < n; i++) total += exp((c[i].logit - c[0].logit) / how->temperature);
    double at = weir_rng_uniform(&rng) * total;
    for (size_t i = 0; i + 1 < n; i++) {
        sum += exp((c[i].logit - c[0].logit) / how->temperature);
        if (at < sum) return c[i].id;
    }
    return c[n - 1].id;
}

/* --- pieces ----------------------------------------------------------------------------------- */

static const char stranger[] = "\xef\xbf\xbd"; /* U+FFFD */

/* How many bytes the character has that begins with this one; 0: none does. */
static size_t length_of(unsigned char lead)
{
    if (lead < 0x80) return 1;
    if (lead < 0xc2 || lead > 0xf4) return 0;
    return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

/* Whether more bytes may make a character of the pending ones. */
static bool is_waiting(const weir_generator *g)
{
    for (size_t i = 1; i < g->pendings; i++)
        if ((g->pending[i] & 0xc0) != 0x80) return false;
    return g->pendings < length_of(g->pending[0]);
}

static void add_byte(weir_generator *g, unsigned char byte, char piece[WEIR_PIECE])
{
    g->pending[g->pendings++] = byte;
    while (g->pendings && !is_waiting(g)) {
        uint32_t code;
        size_t n = weir_utf8_decode(g->pending, g->pendings, &code);
        bool sound = n > 0 && code != 0;
        strncat(piece, sound ? (const char *)g->pending : stranger, sound ? n : 3);
        if (!n) n = 1;
        g->pendings -= n;
        memmove(g->pending, g->pending + n, g->pendings);
    }
}

static void add_symbol(weir_generator *g, uint32_t code, char piece[WEIR_PIECE])
{
    char text[4];
    size_t n = weir_utf8_encode(code, text);
    if (g->vocabulary.bytes)
        add_byte(g, (unsigned char)code, piece);
    else
        strncat(piece, code ? text : stranger, code ? n : 3);
}

weir_status weir_generator_next(weir_generator *g, const weir_sampling *how,
                                char piece[WEIR_PIECE], weir_error *err)
{
    weir_sampling usual = weir_sampling_init();
    *piece = '\0';
    if (!how) how = &usual;
    if (!(how->temperature >= 0))
        return weir_fail(err, WEIR_USAGE, _("the temperature must be at least 0, not %g"),
                         how->temperature);
    if (!g->begun) WEIR_TRY(read_id(g, first_id(g), err));
    WEIR_TRY(rank(g, err));
    int32_t id = draw(g, how);
    WEIR_TRY(read_id(g, id, err));
    g->drawn++;
    add_symbol(g, g->vocabulary.code[id], piece);
    return WEIR_OK;
}
