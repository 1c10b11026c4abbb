#include "base/option.h"

#include "base/intl.h"
#include "base/status.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

weir_status weir_real_read(const char *value, double *out)
{
    const char *sign = value + (*value == '-' || *value == '+');
    if (!strcasecmp(sign, ".inf")) {
        *out = *value == '-' ? -INFINITY : INFINITY;
        return WEIR_OK;
    }
    char *end;
    *out = strtod(value, &end);
    return end == value || *end ? WEIR_USAGE : WEIR_OK;
}

static int choice_find(const char *choices, const char *value)
{
    size_t n = strlen(value);
    int index = 0;
    for (const char *p = choices;; p++, index++) {
        const char *bar = strchr(p, '|');
        size_t length = bar ? (size_t)(bar - p) : strlen(p);
        if (length == n && memcmp(p, value, n) == 0) return index;
        if (!bar) return -1;
        p = bar;
    }
}

static bool bool_read(const char *value, bool *out)
{
    static const char *const yes[] = {"true", "yes", "on", "1"};
    static const char *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < 4; i++) {
        if (!strcasecmp(value, yes[i])) return *out = true, true;
        if (!strcasecmp(value, no[i])) return *out = false, true;
    }
    return false;
}

static weir_status reals_read(const char *value, weir_reals *out, weir_arena *arena)
{
    size_t count = 1;
    for (const char *p = value; *p; p++) count += *p == ',';
    double *v = weir_arena_alloc(arena, count * sizeof *v);
    char *copy = weir_arena_strdup(arena, value);
    if (!v || !copy) return WEIR_MEMORY;
    size_t n = 0;
    char *rest = NULL;
    for (char *word = strtok_r(copy, "[], \t", &rest); word; word = strtok_r(NULL, "[], \t", &rest))
        if (weir_real_read(word, &v[n++])) return WEIR_USAGE;
    *out = (weir_reals){v, n};
    return WEIR_OK;
}

static weir_status fail_type(weir_error *err, const weir_option *o, const char *place,
                             const char *value, const char *wanted)
{
    return weir_fail(err, WEIR_USAGE, _("%s: %s must be %s, not \"%s\""), place, o->name, wanted,
                     value);
}

/* What belongs there, for the sentence. */
static const char *number_wanted(const weir_option *o)
{
    if (o->type == WEIR_REAL) return _("a number");
    return o->type == WEIR_PAIR ? _("a whole number, or two as in [3, 5]") : _("a whole number");
}

static weir_status number_read(const weir_option *o, const char *value, const char *place,
                               double *x, weir_error *err)
{
    bool whole = o->type != WEIR_REAL;
    if (weir_real_read(value, x) || isnan(*x) || (whole && *x != floor(*x))) {
        if (whole && o->choices)
            return weir_fail(err, WEIR_USAGE, _("%s: %s must be %s, or one of %s, not \"%s\""),
                             place, o->name, number_wanted(o), o->choices, value);
        return fail_type(err, o, place, value, number_wanted(o));
    }
    if (o->min <= o->max && (*x < o->min || *x > o->max)) {
        if (o->max >= 9e15 && *x < o->min)
            return weir_fail(err, WEIR_USAGE, _("%s: %s must be at least %g, not %s"), place,
                             o->name, o->min, value);
        return weir_fail(err, WEIR_USAGE, _("%s: %s must be between %g and %g, not %s"), place,
                         o->name, o->min, o->max, value);
    }
    return WEIR_OK;
}

/* A word of `choices`, else a number. */
static weir_status size_read(const weir_option *o, const char *value, const char *place,
                             size_t *out, weir_error *err)
{
    double x = 0;
    int word = o->choices ? choice_find(o->choices, value) : -1;
    if (word < 0) WEIR_TRY(number_read(o, value, place, &x, err));
    *out = word < 0 ? (size_t)x : WEIR_WORD(word);
    return WEIR_OK;
}

/* Copies the next number of a list, "3, 5]", into word; false where none of its length stands. */
static bool next_word(const char **list, char *word, size_t room)
{
    const char *start = *list + strspn(*list, " \t");
    size_t n = strcspn(start, ", \t]");
    if (n == 0 || n >= room) return false;
    memcpy(word, start, n);
    word[n] = '\0';
    *list = start + n + strspn(start + n, " \t");
    return true;
}

/* "[3, 5]", and nothing behind it, as two words. */
static bool split_pair(const char *value, char *h, char *w, size_t room)
{
    const char *rest = value + 1;
    if (!next_word(&rest, h, room) || *rest++ != ',') return false;
    return next_word(&rest, w, room) && *rest == ']' && !rest[1];
}

static weir_status pair_read(const weir_option *o, const char *value, const char *place,
                             weir_pair *out, weir_error *err)
{
    char h[32], w[32];
    if (*value != '[') {
        WEIR_TRY(size_read(o, value, place, &out->h, err));
        out->w = out->h;
        return WEIR_OK;
    }
    if (!split_pair(value, h, w, sizeof h))
        return fail_type(err, o, place, value, number_wanted(o));
    double first = 0, second = 0;
    WEIR_TRY(number_read(o, h, place, &first, err));
    WEIR_TRY(number_read(o, w, place, &second, err));
    *out = (weir_pair){(size_t)first, (size_t)second};
    return WEIR_OK;
}

weir_status weir_option_read(const weir_option *o, const char *value, const char *place,
                             void *options, weir_arena *arena, weir_error *err)
{
    void *field = (char *)options + o->offset;
    double x = 0;
    switch (o->type) {
    case WEIR_SIZE: return size_read(o, value, place, field, err);
    case WEIR_PAIR: return pair_read(o, value, place, field, err);
    case WEIR_INT:
        WEIR_TRY(number_read(o, value, place, &x, err));
        *(int64_t *)field = (int64_t)x;
        return WEIR_OK;
    case WEIR_REAL: return number_read(o, value, place, field, err);
    case WEIR_BOOL:
        if (bool_read(value, field)) return WEIR_OK;
        return fail_type(err, o, place, value, _("true or false"));
    case WEIR_CHOICE:
        *(int *)field = choice_find(o->choices, value);
        if (*(int *)field >= 0) return WEIR_OK;
        return weir_fail(err, WEIR_USAGE, _("%s: %s must be one of %s, not \"%s\""), place, o->name,
                         o->choices, value);
    case WEIR_STRING:
        *(const char **)field = weir_arena_strdup(arena, value);
        return *(const char **)field ? WEIR_OK : weir_fail_memory(err);
    case WEIR_REALS: {
        weir_status status = reals_read(value, field, arena);
        if (status == WEIR_USAGE) return fail_type(err, o, place, value, _("a list of numbers"));
        return status ? weir_fail_memory(err) : WEIR_OK;
    }
    }
    return WEIR_OK;
}

weir_status weir_options_default(const weir_option *table, void *options, weir_arena *arena,
                                 weir_error *err)
{
    for (const weir_option *o = table; o && o->name; o++)
        if (o->fallback && o->type == WEIR_REAL && !*o->fallback)
            *(double *)((char *)options + o->offset) = (double)NAN;
        else if (o->fallback && *o->fallback)
            WEIR_TRY(weir_option_read(o, o->fallback, o->name, options, arena, err));
    return WEIR_OK;
}

const weir_option *weir_option_find(const weir_option *table, const char *name)
{
    for (const weir_option *o = table; o && o->name; o++)
        if (!strcmp(o->name, name)) return o;
    return NULL;
}
