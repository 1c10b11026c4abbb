/* formats/yaml.h - YAML text <-> a tree in which every node knows its place. */
#ifndef WEIR_FORMATS_YAML_H
#define WEIR_FORMATS_YAML_H

#include "base/arena.h"
#include "base/text.h"
#include "weir/base.h"

typedef enum weir_yaml_type { WEIR_YAML_SCALAR, WEIR_YAML_MAP, WEIR_YAML_LIST } weir_yaml_type;

/* A map's children carry keys. Everything lives in the arena the tree was read into. */
typedef struct weir_yaml weir_yaml;
struct weir_yaml {
    weir_yaml_type type;
    const char *key;  /* inside a map, else NULL */
    const char *text; /* of a scalar; "" for an empty one */
    bool quoted;      /* the scalar was quoted, so "1" is a word */
    size_t line, column; /* from 1; 0 for what was added later */
    weir_yaml *child, *next;
};

/* Reads one document. `name` is the file's name for sentences "name:line:column: ...". Anchors and
 * several documents are refused; a key that stands twice is an error. */
weir_status weir_yaml_read(const char *text, size_t size, const char *name, weir_arena *arena,
                           weir_yaml **root, weir_error *err);

/* Writes the tree: blocks for the outer levels, one line for leaves that fit. */
void weir_yaml_write(const weir_yaml *root, weir_text *out);

/* A leaf subtree on one line: "{ out_features: 3 }", "[1, 2]", "0.5". */
void weir_yaml_write_inline(const weir_yaml *node, weir_text *out);

/* Building and changing trees. NULL when there is no memory. */
weir_yaml *weir_yaml_new(weir_arena *arena, weir_yaml_type type, const char *key, const char *text);
weir_yaml *weir_yaml_copy(weir_arena *arena, const weir_yaml *node);
weir_yaml *weir_yaml_find(const weir_yaml *map, const char *key); /* NULL: not there */
size_t weir_yaml_count(const weir_yaml *node);                    /* children */
void weir_yaml_append(weir_yaml *parent, weir_yaml *child);
/* before NULL: first */
void weir_yaml_insert_after(weir_yaml *parent, weir_yaml *before, weir_yaml *child);
void weir_yaml_remove(weir_yaml *parent, weir_yaml *child);

#endif
