/* From `model:` and `init:` to a net: the only place where configuration and layers meet. */
#include "base/intl.h"
#include "base/status.h"
#include "train/trainer.h"

#include <string.h>

weir_status weir_kind_options(const weir_config *config, const weir_yaml *map,
                              const weir_option *table, size_t size, weir_arena *arena, void **out,
                              weir_error *err)
{
    *out = weir_arena_calloc(arena, 1, size + 1);
    if (!*out) return weir_fail_memory(err);
    return weir_config_options(config, map, table, NULL, *out, arena, err);
}

static const char *place_of(const weir_config *config, const weir_yaml *node, weir_arena *arena)
{
    char place[512];
    return weir_arena_strdup(arena, weir_config_place(config, node, place, sizeof place));
}

/* --- initialisers ----------------------------------------------------------------------------- */

static weir_status fail_init(const weir_config *config, const weir_yaml *node, const char *name,
                             weir_error *err)
{
    const char *names[64];
    size_t n = 0;
    for (; weir_init_kinds[n] && n < 63; n++) names[n] = weir_init_kinds[n]->name;
    names[n] = NULL;
    return weir_config_fail_unknown(config, node, _("initialiser"), name, names, err);
}

/* One `prefix: kind`; zeros for a bias may also be written 0. */
static weir_status read_init(const weir_config *config, const weir_yaml *node, const char *prefix,
                             weir_arena *arena, weir_init *out, weir_error *err)
{
    const char *name;
    const weir_yaml *map;
    void *options;
    WEIR_TRY(weir_config_kind(config, node, &name, &map, err));
    const weir_init_kind *kind = weir_init_find(name);
    if (!kind) return fail_init(config, map ? map : node, name, err);
    WEIR_TRY(
        weir_kind_options(config, map, kind->options, kind->options_size, arena, &options, err));
    *out = (weir_init){prefix, kind, options, place_of(config, node, arena)};
    return WEIR_OK;
}

/* A key that is no beginning of a parameter's name was meant as an initialiser. */
static weir_status check_prefix(const weir_config *config, const weir_yaml *pair, weir_error *err)
{
    if (weir_init_find(pair->key))
        return weir_config_fail(config, pair, err,
                                _("beside others an initialiser stands behind what it is for: "
                                  "\"weight: %s\""), pair->key);
    if (!strncmp(pair->key, "weight", 6) || !strncmp(pair->key, "bias", 4)) return WEIR_OK;
    if (pair->type == WEIR_YAML_SCALAR && weir_init_find(pair->text)) return WEIR_OK;
    return fail_init(config, pair, pair->key, err);
}

/* `kaiming_normal`, `{kaiming_normal: {mode: fan_out}}`: for the weights, with biases zero (a
 * preset serves all). `{weight: .., bias: .., weight_hh: ..}`: by the beginning of the parameter's
 * name. */
static weir_status read_inits(const weir_config *config, const weir_yaml *node, weir_arena *arena,
                              weir_init_list *out, weir_error *err)
{
    if (!node) return WEIR_OK;
    size_t count = weir_yaml_count(node);
    weir_init *item = weir_arena_calloc(arena, count + 2, sizeof *item);
    if (!item) return weir_fail_memory(err);
    *out = (weir_init_list){item, 0};
    bool by_name = node->type == WEIR_YAML_MAP && (count != 1 || !weir_init_find(node->child->key));
    if (by_name) {
        for (weir_yaml *c = node->child; c; c = c->next) {
            WEIR_TRY(check_prefix(config, c, err));
            weir_yaml value = *c; /* the pair's value without its key */
            value.key = NULL;
            WEIR_TRY(read_init(config, &value, c->key, arena, &item[out->count++], err));
        }
        return WEIR_OK;
    }
    WEIR_TRY(read_init(config, node, "", arena, &item[0], err));
    out->count = 1;
    if (item[0].kind->preset) return WEIR_OK;
    item[0].prefix = "weight";
    item[1] = (weir_init){"bias", &weir_init_zeros, NULL, item[0].place};
    out->count = 2;
    return WEIR_OK;
}

/* Every prefix under a node's `init:` must fit one of its parameters. */
static weir_status check_prefixes(const weir_config *config, const weir_yaml *init,
                                  const weir_node *node, weir_error *err)
{
    for (size_t i = 0; i < node->inits.count; i++) {
        bool fits = false;
        const char *prefix = node->inits.item[i].prefix;
        const char *names[64];
        size_t n = 0;
        for (size_t k = 0; k < node->params; k++) {
            const char *local = weir_param(node, k)->local;
            fits |= strncmp(local, prefix, strlen(prefix)) == 0;
            if (n < 63) names[n++] = local;
        }
        names[n] = NULL;
        if (!fits && init->type == WEIR_YAML_MAP && strcmp(prefix, "bias") != 0)
            return weir_config_fail_unknown(config, init, _("parameter"), prefix, names, err);
    }
    return WEIR_OK;
}

/* --- nodes ------------------------------------------------------------------------------------ */

static weir_status read_from(const weir_config *config, const weir_yaml *node, weir_arena *arena,
                             weir_node_spec *spec, weir_error *err)
{
    if (!node) return WEIR_OK;
    bool one = node->type == WEIR_YAML_SCALAR;
    if (node->type == WEIR_YAML_MAP)
        return weir_config_fail(config, node, err, "%s",
                                _("from is a node's name, or a list of names"));
    spec->from_count = one ? 1 : weir_yaml_count(node);
    const char **from = weir_arena_calloc(arena, spec->from_count + 1, sizeof *from);
    if (!from) return weir_fail_memory(err);
    spec->from = from;
    size_t n = 0;
    if (one) from[n++] = node->text;
    for (const weir_yaml *c = node->child; c; c = c->next) from[n++] = c->text;
    return WEIR_OK;
}

static weir_status find_kind(const weir_config *config, const weir_yaml *node, const char *name,
                             const weir_layer_kind **kind, weir_error *err)
{
    *kind = weir_layer_find(name);
    if (*kind) return WEIR_OK;
    const char *names[128];
    size_t n = 0;
    for (; weir_layer_kinds[n] && n < 127; n++) names[n] = weir_layer_kinds[n]->name;
    names[n] = NULL;
    return weir_config_fail_unknown(config, node, _("layer"), name, names, err);
}

static weir_status add_node(const weir_config *config, const weir_yaml *item, weir_model *model,
                            weir_arena *arena, weir_error *err)
{
    static const char *const also[] = {"name", "from", "init", NULL};
    const char *kind_name;
    const weir_yaml *map;
    weir_node_spec spec = {0};
    WEIR_TRY(weir_config_kind(config, item, &kind_name, &map, err));
    WEIR_TRY(find_kind(config, item->child ? item->child : item, kind_name, &spec.kind, err));
    spec.place = place_of(config, map ? map : item, arena);
    spec.options = weir_arena_calloc(arena, 1, spec.kind->options_size + 1);
    if (!spec.options || !spec.place) return weir_fail_memory(err);
    const weir_yaml bare = {.type = WEIR_YAML_MAP, .line = item->line, .column = item->column};
    WEIR_TRY(weir_config_options(config, map ? map : &bare, spec.kind->options, also, spec.options,
                                 arena, err));
    const weir_yaml *name = weir_yaml_find(map, "name"), *init = weir_yaml_find(map, "init");
    if (name && !*name->text)
        return weir_config_fail(config, name, err, "%s", _("name is one word"));
    spec.name = name ? name->text : NULL;
    WEIR_TRY(read_from(config, weir_yaml_find(map, "from"), arena, &spec, err));
    WEIR_TRY(read_inits(config, init, arena, &spec.inits, err));
    WEIR_TRY(weir_model_add(model, &spec, err));
    return init ? check_prefixes(config, init, &model->nodes[model->count - 1], err) : WEIR_OK;
}

weir_status weir_assemble(const weir_config *config, const weir_data *data, uint64_t seed,
                          weir_arena *arena, weir_model **model, weir_init_list *inits,
                          weir_error *err)
{
    const weir_yaml *list = weir_yaml_find(config->root, "model");
    *model = NULL;
    if (!list || list->type != WEIR_YAML_LIST || !list->child)
        return weir_config_fail(config, list, err, "%s",
                                _("model is needed: a list of layers, like \"- linear: {}\""));
    weir_model *m = weir_model_new(&data->x, &data->hints);
    if (!m) return weir_fail_memory(err);
    *model = m;
    for (const weir_yaml *item = list->child; item; item = item->next)
        WEIR_TRY(add_node(config, item, m, arena, err));
    WEIR_TRY(weir_model_finish(m, err));
    WEIR_TRY(read_inits(config, weir_yaml_find(config->root, "init"), arena, inits, err));
    return weir_model_init(m, inits, seed, err);
}
