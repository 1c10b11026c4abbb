#include "config/config.h"

#include "base/file.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static weir_config *config_new(const char *name)
{
    weir_config *c = weir_calloc(1, sizeof *c);
    if (!c) return NULL;
    c->name = weir_arena_strdup(&c->arena, name);
    if (c->name) return c;
    weir_config_free(c);
    return NULL;
}

void weir_config_free(weir_config *c)
{
    if (!c) return;
    weir_arena_free(&c->arena);
    weir_free(c);
}

static weir_status parse(const char *text, size_t size, const char *name, weir_config **config,
                         weir_error *err)
{
    weir_config *c = config_new(name);
    *config = NULL;
    if (!c) return weir_fail_memory(err);
    weir_status status = weir_yaml_read(text, size, name, &c->arena, &c->root, err);
    if (!status && c->root->type != WEIR_YAML_MAP)
        status = weir_config_fail(
            c, c->root, err, "%s",
            _("a configuration is a map with the keys data, model and train"));
    if (status)
        weir_config_free(c);
    else
        *config = c;
    return status;
}

weir_status weir_config_parse(const char *text, const char *name, weir_config **config,
                              weir_error *err)
{
    return parse(text, strlen(text), name, config, err);
}

weir_status weir_config_load(const char *path, weir_config **config, weir_error *err)
{
    weir_file file;
    *config = NULL;
    WEIR_TRY(weir_file_open(path, &file, err));
    weir_status status = parse((const char *)file.data, file.size, path, config, err);
    weir_file_close(&file);
    return status;
}

weir_config *weir_config_copy(const weir_config *config)
{
    weir_config *c = config_new(config->name);
    if (!c) return NULL;
    c->root = weir_yaml_copy(&c->arena, config->root);
    if (c->root) return c;
    weir_config_free(c);
    return NULL;
}

const char *weir_config_name(const weir_config *config)
{
    return config->name;
}

char *weir_config_text(const weir_config *config)
{
    weir_text out = {0};
    weir_yaml_write(config->root, &out);
    return weir_text_take(&out);
}

/* Writes the way from `from` to a node that stands in no line, since it was set: "train.lr". */
static bool add_path(const weir_yaml *from, const weir_yaml *node, weir_text *path)
{
    if (from == node) return true;
    size_t index = 0;
    for (const weir_yaml *c = from->child; c; c = c->next, index++) {
        size_t before = path->length;
        weir_text_add(path, before ? "." : "");
        if (c->key)
            weir_text_add(path, c->key);
        else
            weir_text_printf(path, "%zu", index);
        if (path->failed || add_path(c, node, path)) return !path->failed;
        path->length = before;
        if (path->s) path->s[before] = '\0';
    }
    return false;
}

char *weir_config_place(const weir_config *c, const weir_yaml *node, char *buffer, size_t room)
{
    weir_text path = {0};
    if (node && node->line)
        snprintf(buffer, room, "%s:%zu:%zu", c->name, node->line, node->column);
    else if (node && add_path(c->root, node, &path) && path.length)
        snprintf(buffer, room, "%s: %s", c->name, path.s);
    else
        snprintf(buffer, room, "%s", c->name);
    weir_text_free(&path);
    return buffer;
}

weir_status weir_config_fail(const weir_config *c, const weir_yaml *node, weir_error *err,
                             const char *format, ...)
{
    char place[512], sentence[900];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    weir_config_place(c, node, place, sizeof place);
    return weir_fail(err, WEIR_USAGE, "%s: %s", place, sentence);
}

weir_status weir_config_fail_unknown(const weir_config *c, const weir_yaml *node, const char *what,
                                     const char *word, const char *const *names, weir_error *err)
{
    const char *meant = weir_closest(word, names);
    if (meant)
        return weir_config_fail(c, node, err, _("unknown %s \"%s\"; did you mean \"%s\"?"), what,
                                word, meant);
    weir_text all = {0};
    for (; *names; names++) weir_text_printf(&all, "%s%s", all.length ? ", " : "", *names);
    weir_status status = weir_config_fail(c, node, err, _("unknown %s \"%s\"; there are: %s"), what,
                                          word, all.s ? all.s : "");
    weir_text_free(&all);
    return status;
}

/* --- paths ------------------------------------------------------------------------------------ */

/* A node of the model is `- relu`, or `- relu: {...}`, with an optional `name` beside or inside. */
static bool item_is_called(const weir_yaml *item, const char *name)
{
    const weir_yaml *n = weir_yaml_find(item, "name");
    if (!n && item->child) n = weir_yaml_find(item->child, "name");
    return n && !strcmp(n->text, name);
}

static weir_yaml *find_step(const weir_yaml *node, const char *word)
{
    if (node->type != WEIR_YAML_LIST) return weir_yaml_find(node, word);
    char *end;
    unsigned long index = strtoul(word, &end, 10);
    for (weir_yaml *c = node->child; c; c = c->next)
        if (item_is_called(c, word)) return c;
    if (end == word || *end) return NULL;
    weir_yaml *c = node->child;
    while (c && index--) c = c->next;
    return c;
}

/* Copies the path's next word; returns what follows, or NULL after the last. */
static const char *next_word(const char *path, char *word, size_t room)
{
    const char *dot = strchr(path, '.');
    size_t n = dot ? (size_t)(dot - path) : strlen(path);
    if (n >= room) n = room - 1;
    memcpy(word, path, n);
    word[n] = '\0';
    return dot ? dot + 1 : NULL;
}

weir_yaml *weir_config_find(const weir_config *c, const char *path)
{
    char word[128];
    weir_yaml *node = c->root;
    while (node && path) {
        path = next_word(path, word, sizeof word);
        node = find_step(node, word);
    }
    return node;
}

const char *weir_config_get(const weir_config *c, const char *path)
{
    const weir_yaml *node = weir_config_find(c, path);
    return node && node->type == WEIR_YAML_SCALAR ? node->text : NULL;
}

weir_status weir_config_set(weir_config *c, const char *path, const char *value, weir_error *err)
{
    char word[128];
    weir_yaml *parent = c->root, *node = c->root, *fresh;
    const char *rest = path;
    while (rest) {
        rest = next_word(rest, word, sizeof word);
        parent = node;
        if (parent->type == WEIR_YAML_SCALAR) { /* `- relu` or `linear:` becomes a map */
            const char *kind = parent->text;
            parent->type = WEIR_YAML_MAP;
            parent->text = "";
            if (*kind) {
                weir_yaml *was = weir_yaml_new(&c->arena, WEIR_YAML_MAP, kind, NULL);
                if (!was) return weir_fail_memory(err);
                weir_yaml_append(parent, was);
            }
        }
        node = find_step(parent, word);
        if (node) continue;
        if (parent->type == WEIR_YAML_LIST || !*word)
            return weir_fail(err, WEIR_USAGE, _("%s: there is no \"%s\" in %s"), path, word,
                             c->name);
        node = weir_yaml_new(&c->arena, WEIR_YAML_MAP, word, NULL);
        if (!node) return weir_fail_memory(err);
        weir_yaml_append(parent, node);
    }
    if (!value[strspn(value, " \t\n")])
        return weir_fail(err, WEIR_USAGE, _("%s: a value is needed, as in train.lr=1e-3"), path);
    WEIR_TRY(weir_yaml_read(value, strlen(value), path, &c->arena, &fresh, err));
    const char *key = node->key;
    weir_yaml *next = node->next;
    *node = *fresh;
    node->key = key;
    node->next = next;
    node->line = node->column = 0;
    return WEIR_OK;
}

/* --- options ---------------------------------------------------------------------------------- */

weir_status weir_config_kind(const weir_config *c, const weir_yaml *node, const char **name,
                             const weir_yaml **map, weir_error *err)
{
    *map = NULL;
    if (node->type == WEIR_YAML_SCALAR) {
        *name = node->text;
        return WEIR_OK;
    }
    if (node->type == WEIR_YAML_MAP && node->child && !node->child->next) {
        *name = node->child->key;
        *map = node->child;
        return WEIR_OK;
    }
    return weir_config_fail(c, node, err, "%s",
                            _("here stands one name, or one name with its options, as in "
                              "\"name: {option: value}\"; of a list each item begins with a dash "
                              "of its own"));
}

static bool is_listed(const char *word, const char *const *names)
{
    for (; names && *names; names++)
        if (!strcmp(*names, word)) return true;
    return false;
}

static weir_status fail_option(const weir_config *c, const weir_yaml *child,
                               const weir_option *table, const char *const *also, weir_error *err)
{
    enum { MOST = 64 };
    const char *names[MOST + 1];
    size_t n = 0;
    for (const weir_option *o = table; o && o->name && n < MOST; o++) names[n++] = o->name;
    for (; also && *also && n < MOST; also++) names[n++] = *also;
    names[n] = NULL;
    if (!n)
        return weir_config_fail(c, child, err, _("\"%s\": no options are taken here"), child->key);
    return weir_config_fail_unknown(c, child, _("key"), child->key, names, err);
}

static weir_status read_child(const weir_config *c, const weir_yaml *child, const weir_option *o,
                              void *options, weir_arena *arena, weir_error *err)
{
    char place[512];
    weir_config_place(c, child, place, sizeof place);
    if (child->type == WEIR_YAML_MAP)
        return weir_config_fail(c, child, err, _("%s must be a value, not a map"), o->name);
    if (child->type == WEIR_YAML_LIST && o->type == WEIR_STRING)
        return weir_config_fail(c, child, err, _("%s must be a value, not a list"), o->name);
    weir_text value = {0};
    if (child->type == WEIR_YAML_SCALAR)
        weir_text_add(&value, child->text);
    else
        weir_yaml_write_inline(child, &value);
    if (value.failed) return weir_fail_memory(err);
    weir_status status = weir_option_read(o, value.s, place, options, arena, err);
    weir_text_free(&value);
    return status;
}

weir_status weir_config_need_map(const weir_config *c, const weir_yaml *node, weir_error *err)
{
    if (!node || node->type == WEIR_YAML_MAP) return WEIR_OK;
    if (node->type == WEIR_YAML_LIST)
        return weir_config_fail(c, node, err, "%s",
                                _("a list stands where a map of options belongs"));
    if (!*node->text) return WEIR_OK;
    return weir_config_fail(c, node, err, _("\"%s\" stands where a map of options belongs"),
                            node->text);
}

weir_status weir_config_options(const weir_config *c, const weir_yaml *map,
                                const weir_option *table, const char *const *also, void *options,
                                weir_arena *arena, weir_error *err)
{
    WEIR_TRY(weir_options_default(table, options, arena, err));
    WEIR_TRY(weir_config_need_map(c, map, err));
    for (const weir_yaml *child = map ? map->child : NULL; child; child = child->next) {
        if (is_listed(child->key, also)) continue;
        const weir_option *o = weir_option_find(table, child->key);
        if (!o) return fail_option(c, child, table, also, err);
        WEIR_TRY(read_child(c, child, o, options, arena, err));
    }
    for (const weir_option *o = table; o && o->name; o++)
        if (!o->fallback && !weir_yaml_find(map, o->name))
            return weir_config_fail(c, map, err, _("%s is needed: %s"), o->name,
                                    o->doc ? _(o->doc) : "");
    return WEIR_OK;
}
