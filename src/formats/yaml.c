#include "formats/yaml.h"

#include "base/intl.h"
#include "base/status.h"

#include <ctype.h>
#include <string.h>
#include <yaml.h>

enum { DEEPEST = 64, LINE = 88 };

struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    const char *name, *text; /* text [size] */
    size_t size;
    weir_arena *arena;
    weir_error *err;
};

static weir_status fail_at(struct reader *r, size_t line, size_t column, const char *what)
{
    return weir_fail(r->err, WEIR_USAGE, "%s:%zu:%zu: %s", r->name, line, column, what);
}

static bool has_nul(const yaml_event_t *scalar)
{
    return strlen((const char *)scalar->data.scalar.value) != scalar->data.scalar.length;
}

static weir_status fail_nul(struct reader *r, size_t line, size_t column)
{
    return fail_at(r, line, column, _("a NUL byte cannot stand in a configuration"));
}

/* Where the parser found fault. A byte that is no text it knows by its offset only. */
static void find_problem(const struct reader *r, size_t *line, size_t *column)
{
    const yaml_parser_t *p = &r->parser;
    *line = p->problem_mark.line + 1;
    *column = p->problem_mark.column + 1;
    if (p->error != YAML_READER_ERROR) return;
    *line = *column = 1;
    for (size_t i = 0; i < p->problem_offset && i < r->size; i++) {
        ++*column;
        if (r->text[i] != '\n') continue;
        ++*line;
        *column = 1;
    }
}

/* The first two characters of line `line` (counted from 1) behind its indentation; NUL where there
 * are none. */
static void begin_of(const struct reader *r, size_t line, char first[2])
{
    const char *p = r->text, *end = r->text + r->size;
    while (--line && p) {
        p = memchr(p, '\n', (size_t)(end - p));
        if (p) p++;
    }
    while (p && p < end && *p == ' ') p++;
    first[0] = p && p < end ? p[0] : '\0';
    first[1] = p && p + 1 < end ? p[1] : '\0';
}

/* libyaml's words for the two commonest slips do not help; these do. Returns NULL for others. */
static const char *plain_words(const struct reader *r, size_t *line)
{
    for (size_t back = 0; back < 2 && back < *line; back++) {
        char first[2];
        begin_of(r, *line - back, first);
        if (first[0] == '\t' && back == 0) return _("a tab indents the line; YAML wants spaces");
        if (first[0] == '-' && isalpha((unsigned char)first[1])) {
            *line -= back;
            return _("a dash that begins an item of a list wants a space behind it, as in "
                     "\"- relu\"");
        }
    }
    return NULL;
}

static weir_status next_event(struct reader *r)
{
    yaml_event_delete(&r->event);
    if (yaml_parser_parse(&r->parser, &r->event)) return WEIR_OK;
    const yaml_parser_t *p = &r->parser;
    memset(&r->event, 0, sizeof r->event);
    if (p->error == YAML_MEMORY_ERROR) return weir_fail_memory(r->err);
    size_t line, column;
    find_problem(r, &line, &column);
    const char *words = plain_words(r, &line);
    return weir_fail(r->err, WEIR_USAGE, _("%s:%zu:%zu: this is not YAML: %s"), r->name, line,
                     words ? 1 : column, words ? words : p->problem ? p->problem : "?");
}

weir_yaml *weir_yaml_new(weir_arena *arena, weir_yaml_type type, const char *key, const char *text)
{
    weir_yaml *n = weir_arena_calloc(arena, 1, sizeof *n);
    if (!n) return NULL;
    n->type = type;
    n->key = key ? weir_arena_strdup(arena, key) : NULL;
    n->text = text ? weir_arena_strdup(arena, text) : "";
    return (key && !n->key) || !n->text ? NULL : n;
}

static weir_status read_node(struct reader *r, const char *key, int depth, weir_yaml **out);

/* The children of a map or list, up to its end event. */
static weir_status read_children(struct reader *r, weir_yaml *parent, int depth)
{
    weir_yaml **tail = &parent->child;
    for (;;) {
        WEIR_TRY(next_event(r));
        yaml_event_type_t type = r->event.type;
        if (type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT) return WEIR_OK;
        const char *key = NULL;
        size_t line = r->event.start_mark.line + 1, column = r->event.start_mark.column + 1;
        if (parent->type == WEIR_YAML_MAP) {
            if (type != YAML_SCALAR_EVENT)
                return fail_at(r, line, column, _("a key must be a word"));
            if (has_nul(&r->event)) return fail_nul(r, line, column);
            key = weir_arena_strdup(r->arena, (const char *)r->event.data.scalar.value);
            if (!key) return weir_fail_memory(r->err);
            if (weir_yaml_find(parent, key))
                return weir_fail(r->err, WEIR_USAGE, _("%s:%zu:%zu: \"%s\" stands here twice"),
                                 r->name, line, column, key);
            WEIR_TRY(next_event(r));
        }
        WEIR_TRY(read_node(r, key, depth + 1, tail));
        if (key) { /* a pair's place is its key's */
            (*tail)->line = line;
            (*tail)->column = column;
        }
        tail = &(*tail)->next;
    }
}

/* The node that begins with the current event. */
static weir_status read_node(struct reader *r, const char *key, int depth, weir_yaml **out)
{
    const yaml_event_t *e = &r->event;
    size_t line = e->start_mark.line + 1, column = e->start_mark.column + 1;
    if (depth > DEEPEST) return fail_at(r, line, column, _("nested too deeply"));
    weir_yaml_type type = WEIR_YAML_SCALAR;
    const char *text = NULL;
    bool quoted = false;
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        text = (const char *)e->data.scalar.value;
        quoted = e->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                 e->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        if (has_nul(e)) return fail_nul(r, line, column);
        break;
    case YAML_MAPPING_START_EVENT: type = WEIR_YAML_MAP; break;
    case YAML_SEQUENCE_START_EVENT: type = WEIR_YAML_LIST; break;
    default: return fail_at(r, line, column, _("anchors and aliases are not understood here"));
    }
    *out = weir_yaml_new(r->arena, type, NULL, text);
    if (!*out) return weir_fail_memory(r->err);
    (*out)->key = key;
    (*out)->quoted = quoted;
    (*out)->line = line;
    (*out)->column = column;
    return type == WEIR_YAML_SCALAR ? WEIR_OK : read_children(r, *out, depth);
}

static weir_status read_document(struct reader *r, weir_yaml **root)
{
    WEIR_TRY(next_event(r)); /* stream start */
    WEIR_TRY(next_event(r));
    if (r->event.type == YAML_STREAM_END_EVENT)
        return weir_fail(r->err, WEIR_USAGE, _("%s: is empty; a configuration is needed"), r->name);
    WEIR_TRY(next_event(r));
    WEIR_TRY(read_node(r, NULL, 0, root));
    WEIR_TRY(next_event(r)); /* document end */
    WEIR_TRY(next_event(r));
    if (r->event.type != YAML_STREAM_END_EVENT)
        return fail_at(r, r->event.start_mark.line + 1, 1, _("a second document begins here"));
    return WEIR_OK;
}

weir_status weir_yaml_read(const char *text, size_t size, const char *name, weir_arena *arena,
                           weir_yaml **root, weir_error *err)
{
    struct reader r = {.name = name, .text = text, .size = size, .arena = arena, .err = err};
    if (!yaml_parser_initialize(&r.parser)) return weir_fail_memory(err);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
    weir_status status = read_document(&r, root);
    yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    return status;
}

weir_yaml *weir_yaml_copy(weir_arena *arena, const weir_yaml *node)
{
    weir_yaml *copy = weir_yaml_new(arena, node->type, node->key, node->text);
    if (!copy) return NULL;
    copy->quoted = node->quoted;
    copy->line = node->line;
    copy->column = node->column;
    weir_yaml **tail = &copy->child;
    for (const weir_yaml *c = node->child; c; c = c->next) {
        *tail = weir_yaml_copy(arena, c);
        if (!*tail) return NULL;
        tail = &(*tail)->next;
    }
    return copy;
}

weir_yaml *weir_yaml_find(const weir_yaml *map, const char *key)
{
    for (weir_yaml *c = map ? map->child : NULL; c; c = c->next)
        if (c->key && !strcmp(c->key, key)) return c;
    return NULL;
}

size_t weir_yaml_count(const weir_yaml *node)
{
    size_t n = 0;
    for (const weir_yaml *c = node->child; c; c = c->next) n++;
    return n;
}

void weir_yaml_insert_after(weir_yaml *parent, weir_yaml *before, weir_yaml *child)
{
    weir_yaml **slot = before ? &before->next : &parent->child;
    child->next = *slot;
    *slot = child;
}

void weir_yaml_append(weir_yaml *parent, weir_yaml *child)
{
    weir_yaml *last = parent->child;
    while (last && last->next) last = last->next;
    weir_yaml_insert_after(parent, last, child);
}

void weir_yaml_remove(weir_yaml *parent, weir_yaml *child)
{
    for (weir_yaml **slot = &parent->child; *slot; slot = &(*slot)->next)
        if (*slot == child) {
            *slot = child->next;
            child->next = NULL;
            return;
        }
}

/* Can the words stand without quotes? */
static bool is_plain(const char *s)
{
    if (!*s || strchr(" -?:,[]{}#&*!|>'\"%@`", *s) || s[strlen(s) - 1] == ' ') {
        bool number = (*s == '-' || *s == '.') && s[1] && strspn(s, "-+.0123456789eE") == strlen(s);
        if (!number && strcmp(s, "-.inf") != 0) return false;
    }
    for (const char *p = s; *p; p++) {
        if ((unsigned char)*p < ' ' || strchr(",[]{}\"", *p)) return false;
        if (*p == ':' && (p[1] == ' ' || !p[1])) return false;
        if (*p == '#' && p > s && p[-1] == ' ') return false;
    }
    return true;
}

static void write_scalar(const char *s, bool quoted, weir_text *out)
{
    if (!quoted && is_plain(s)) {
        weir_text_add(out, s);
        return;
    }
    weir_text_add(out, "\"");
    for (const char *p = s; *p; p++) {
        if (*p == '"' || *p == '\\')
            weir_text_printf(out, "\\%c", *p);
        else if (*p == '\n')
            weir_text_add(out, "\\n");
        else if ((unsigned char)*p < ' ')
            weir_text_printf(out, "\\x%02x", (unsigned)*p);
        else
            weir_text_add_bytes(out, p, 1);
    }
    weir_text_add(out, "\"");
}

void weir_yaml_write_inline(const weir_yaml *node, weir_text *out)
{
    if (node->type == WEIR_YAML_SCALAR) {
        write_scalar(node->text, node->quoted, out);
        return;
    }
    bool map = node->type == WEIR_YAML_MAP;
    weir_text_add(out, map ? "{" : "[");
    for (const weir_yaml *c = node->child; c; c = c->next) {
        if (c != node->child) weir_text_add(out, ", ");
        if (map) {
            write_scalar(c->key, false, out);
            weir_text_add(out, ": ");
        }
        weir_yaml_write_inline(c, out);
    }
    weir_text_add(out, map ? "}" : "]");
}

/* How deep a subtree goes: 0 for a scalar. */
static int depth_of(const weir_yaml *node)
{
    int deepest = 0;
    for (const weir_yaml *c = node->child; c; c = c->next) {
        int d = depth_of(c) + 1;
        if (d > deepest) deepest = d;
    }
    return deepest;
}

/* A child on one line? Leaves are, if short; the lists and maps that structure the page are not. */
static bool fits_inline(const weir_yaml *node, size_t indent)
{
    if (node->type == WEIR_YAML_SCALAR || !node->child) return true;
    if (depth_of(node) > 2 || (node->type == WEIR_YAML_LIST && depth_of(node) > 1)) return false;
    weir_text line = {0};
    weir_yaml_write_inline(node, &line);
    bool fits = !line.failed && line.length + indent + (node->key ? strlen(node->key) : 0) < LINE;
    weir_text_free(&line);
    return fits;
}

static void write_children(const weir_yaml *node, size_t indent, weir_text *out);

static void write_child(const weir_yaml *c, size_t indent, bool map, weir_text *out)
{
    weir_text_printf(out, "%*s", (int)indent, "");
    if (map) {
        write_scalar(c->key, false, out);
        weir_text_add(out, ":");
    } else {
        weir_text_add(out, "-");
    }
    bool list_of_nodes = c->type == WEIR_YAML_LIST && c->child &&
                         c->child->type != WEIR_YAML_SCALAR;
    if (fits_inline(c, indent) && !(map && list_of_nodes)) {
        weir_text_add(out, " ");
        /* a list item that is one pair reads best as "- linear: {...}" */
        if (!map && c->type == WEIR_YAML_MAP && c->child && !c->child->next) {
            write_scalar(c->child->key, false, out);
            weir_text_add(out, ": ");
            weir_yaml_write_inline(c->child, out);
        } else {
            weir_yaml_write_inline(c, out);
        }
        weir_text_add(out, "\n");
        return;
    }
    if (map) {
        weir_text_add(out, "\n");
        write_children(c, indent + 2, out);
    } else { /* the item's first line stands behind its dash */
        weir_text inner = {0};
        write_children(c, indent + 2, &inner);
        weir_text_add(out, " ");
        if (inner.s) weir_text_add(out, inner.s + indent + 2);
        out->failed |= inner.failed;
        weir_text_free(&inner);
    }
}

static void write_children(const weir_yaml *node, size_t indent, weir_text *out)
{
    for (const weir_yaml *c = node->child; c; c = c->next)
        write_child(c, indent, node->type == WEIR_YAML_MAP, out);
}

void weir_yaml_write(const weir_yaml *root, weir_text *out)
{
    if (root->type == WEIR_YAML_SCALAR) {
        write_scalar(root->text, root->quoted, out);
        weir_text_add(out, "\n");
    } else {
        write_children(root, 0, out);
    }
}
