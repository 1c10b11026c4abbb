/* config/config.h - the inside of a weir_config (weir/config.h), and reading options out of it.
 * It is handed tables and knows no layer. */
#ifndef WEIR_CONFIG_CONFIG_H
#define WEIR_CONFIG_CONFIG_H

#include "base/option.h"
#include "formats/yaml.h"
#include "weir/config.h"

struct weir_config {
    weir_arena arena;
    const char *name;
    weir_yaml *root; /* a map */
};

/* "net.yaml:7:5" (or the name alone for what was added later), in the configuration's arena or in
 * `buffer`; returns buffer. */
char *weir_config_place(const weir_config *config, const weir_yaml *node, char *buffer,
                        size_t room);

/* WEIR_USAGE with "place: sentence". */
weir_status weir_config_fail(const weir_config *config, const weir_yaml *node, weir_error *err,
                             const char *format, ...) WEIR_PRINTF(4, 5);

/* The sentence for a word that is none of `names`: with "did you mean". */
weir_status weir_config_fail_unknown(const weir_config *config, const weir_yaml *node,
                                     const char *what, const char *word, const char *const *names,
                                     weir_error *err);

/* A map, nothing (NULL or an empty scalar), or a sentence. */
weir_status weir_config_need_map(const weir_config *config, const weir_yaml *node, weir_error *err);

/* Fills an options struct (defaults first) from a map; NULL or an empty scalar: all defaults.
 * Unknown keys are errors, except those in `also` (NULL-terminated, may be NULL), which the caller
 * reads. Strings and lists go to `arena`. */
weir_status weir_config_options(const weir_config *config, const weir_yaml *map,
                                const weir_option *table, const char *const *also, void *options,
                                weir_arena *arena, weir_error *err);

/* A kind chosen by name: `relu`, or `leaky_relu: {negative_slope: 0.1}`, or {leaky_relu: {...}}.
 * *map is its options (NULL: none given). WEIR_USAGE when the node is neither. */
weir_status weir_config_kind(const weir_config *config, const weir_yaml *node, const char **name,
                             const weir_yaml **map, weir_error *err);

/* The node at a dotted path, or NULL. A list's item is found by index or by its `name`. */
weir_yaml *weir_config_find(const weir_config *config, const char *path);

#endif
