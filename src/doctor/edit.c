#include "doctor/edit.h"

#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static weir_yaml *model_of(const weir_config *config)
{
    return weir_yaml_find(config->root, "model");
}

weir_yaml *weir_edit_node(const weir_config *config, size_t k)
{
    weir_yaml *model = model_of(config), *item = model ? model->child : NULL;
    while (item && k--) item = item->next;
    return item;
}

const char *weir_edit_kind(const weir_yaml *item)
{
    return item->type == WEIR_YAML_SCALAR ? item->text : item->child ? item->child->key : "";
}

weir_yaml *weir_edit_options(weir_config *config, weir_yaml *item)
{
    if (item->type == WEIR_YAML_SCALAR) { /* `- relu` becomes `- relu: {}` */
        weir_yaml *map = weir_yaml_new(&config->arena, WEIR_YAML_MAP, item->text, NULL);
        if (!map) return NULL;
        item->type = WEIR_YAML_MAP;
        item->text = "";
        item->child = map;
    }
    if (item->child->type == WEIR_YAML_SCALAR) {
        item->child->type = WEIR_YAML_MAP;
        item->child->text = "";
    }
    return item->child;
}

/* What was written here has no place in the user's file. */
static void forget_places(weir_yaml *node)
{
    node->line = node->column = 0;
    for (weir_yaml *c = node->child; c; c = c->next) forget_places(c);
}

static weir_status parse_value(weir_config *config, const char *value, const char *key,
                               weir_yaml **out, weir_error *err)
{
    WEIR_TRY(weir_yaml_read(value, strlen(value), config->name, &config->arena, out, err));
    forget_places(*out);
    if (key && !((*out)->key = weir_arena_strdup(&config->arena, key)))
        return weir_fail_memory(err);
    return WEIR_OK;
}

static weir_status put(weir_config *config, weir_yaml *map, const char *key, const char *value,
                       weir_error *err)
{
    weir_yaml *fresh, *old = weir_yaml_find(map, key);
    WEIR_TRY(parse_value(config, value, key, &fresh, err));
    if (!old) {
        weir_yaml_append(map, fresh);
        return WEIR_OK;
    }
    fresh->next = old->next;
    *old = *fresh;
    return WEIR_OK;
}

weir_status weir_edit_set(weir_config *config, weir_yaml *item, const char *option,
                          const char *value, weir_error *err)
{
    weir_yaml *map = weir_edit_options(config, item);
    return map ? put(config, map, option, value, err) : weir_fail_memory(err);
}

weir_status weir_edit_infer(weir_config *config, weir_error *err)
{
    static const char *const sizes[] = {"in_features", "in_channels", "input_size", "num_features"};
    for (size_t k = 0; weir_edit_node(config, k); k++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            weir_yaml *item = weir_edit_node(config, k);
            if (item->type != WEIR_YAML_SCALAR && weir_yaml_find(item->child, sizes[i]))
                WEIR_TRY(weir_edit_set(config, item, sizes[i], "0", err));
        }
    return WEIR_OK;
}

weir_status weir_edit_replace(weir_config *config, weir_yaml *item, const char *kind,
                              const char *options, bool keep_init, weir_error *err)
{
    weir_yaml *old = weir_edit_options(config, item), *fresh;
    if (!old) return weir_fail_memory(err);
    WEIR_TRY(parse_value(config, options, kind, &fresh, err));
    static const char *const kept[] = {"name", "from", "init"};
    for (size_t i = 0; i < (keep_init ? 3 : 2); i++) {
        weir_yaml *value = weir_yaml_find(old, kept[i]);
        if (!value) continue;
        weir_yaml_remove(old, value);
        weir_yaml_append(fresh, value);
    }
    item->child = fresh;
    return WEIR_OK;
}

weir_status weir_edit_put(weir_config *config, weir_yaml *item, const char *option,
                          const char *text, weir_error *err)
{
    weir_yaml *map = weir_edit_options(config, item);
    weir_yaml *fresh = weir_yaml_new(&config->arena, WEIR_YAML_SCALAR, option, text);
    if (!map || !fresh) return weir_fail_memory(err);
    weir_yaml_append(map, fresh);
    return WEIR_OK;
}

static bool redirect(weir_yaml *from, const char *old, const char *name)
{
    bool any = false;
    if (!from) return false;
    if (from->type == WEIR_YAML_SCALAR && !strcmp(from->text, old)) {
        if (name) from->text = name;
        return true;
    }
    for (weir_yaml *c = from->child; c; c = c->next) any |= redirect(c, old, name);
    return any;
}

/* Whether items behind `item` read `old` by its name; with a name, they read that from now on. */
static bool redirect_all(weir_yaml *item, const char *old, const char *name)
{
    bool any = false;
    for (item = item->next; item; item = item->next)
        if (item->type == WEIR_YAML_MAP)
            any |= redirect(weir_yaml_find(item->child, "from"), old, name);
    return any;
}

weir_status weir_edit_insert(weir_config *config, size_t k, const char *kind, const char *name,
                             weir_yaml **item, weir_error *err)
{
    weir_yaml *before = weir_edit_node(config, k);
    *item = weir_yaml_new(&config->arena, WEIR_YAML_MAP, NULL, NULL);
    weir_yaml *options = weir_yaml_new(&config->arena, WEIR_YAML_MAP, kind, NULL);
    if (!*item || !options) return weir_fail_memory(err);
    (*item)->child = options;
    weir_yaml_insert_after(model_of(config), before, *item);
    const weir_yaml *old = before->type == WEIR_YAML_MAP ? weir_yaml_find(before->child, "name")
                                                         : NULL;
    char made[300];
    if (!name && old && redirect_all(*item, old->text, NULL)) {
        snprintf(made, sizeof made, "%.200s_%s", old->text, kind);
        name = made;
    }
    if (!name) return WEIR_OK;
    WEIR_TRY(weir_edit_put(config, *item, "name", name, err));
    if (old) redirect_all(*item, old->text, weir_yaml_find(options, "name")->text);
    return WEIR_OK;
}

const char *weir_edit_name(weir_config *config, size_t k)
{
    weir_yaml *item = weir_edit_node(config, k);
    weir_yaml *map = item ? weir_edit_options(config, item) : NULL;
    if (!map) return NULL;
    weir_yaml *name = weir_yaml_find(map, "name");
    if (name) return name->text;
    char text[32];
    snprintf(text, sizeof text, "node%zu", k);
    name = weir_yaml_new(&config->arena, WEIR_YAML_SCALAR, "name", text);
    if (!name) return NULL;
    weir_yaml_insert_after(map, NULL, name);
    return name->text;
}

static weir_status pin_reference(weir_config *config, weir_yaml *from, weir_error *err)
{
    char *end;
    unsigned long k = strtoul(from->text, &end, 10);
    if (end == from->text || *end || !weir_edit_node(config, k)) return WEIR_OK;
    from->text = weir_edit_name(config, k);
    return from->text ? WEIR_OK : weir_fail_memory(err);
}

weir_status weir_edit_pin(weir_config *config, weir_error *err)
{
    for (size_t k = 0; weir_edit_node(config, k); k++) {
        weir_yaml *from = weir_yaml_find(weir_edit_node(config, k)->child, "from");
        if (!from) continue;
        if (from->type == WEIR_YAML_SCALAR) WEIR_TRY(pin_reference(config, from, err));
        for (weir_yaml *c = from->child; c; c = c->next) WEIR_TRY(pin_reference(config, c, err));
    }
    return WEIR_OK;
}
