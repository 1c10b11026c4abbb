/* csv: columns of a table, or of a time series.
 *
 *   a table (seq_len: 0)   x [B,F] the columns of a row; target [B,O] its target columns, or its
 *                          class [B]
 *   a time series          x [T,B,F] windows of seq_len rows; target [T,B,O], at every step the
 *                          target columns `horizon` rows later (target_at: last: [B,O], those of
 *                          the last step only)
 *
 * Columns are names or numbers from 0 (-1 is the last). Without `columns` they are all that begin
 * with a number, but for the targets of a table; without `target` a time series foretells its own
 * columns. Classes may be words. The validation rows of a time series are its last ones, and no
 * window reaches from training into them.
 */
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "formats/csv.h"
#include "train/data/labels.h"
#include "train/data/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EACH, LAST };

struct csv {
    weir_table_options table;
    const char *path, *delimiter;
    size_t seq_len, horizon, stride;
    int target_at, header, classes, normalize, normalize_target;
    bool allow_nonfinite;
};

static const weir_option options[] = {
    WEIR_OPTION_STRING(struct csv, path, NULL, N_("the file")),
    WEIR_OPTION_SIZE(struct csv, seq_len, "0", 0, N_("rows of a window; 0: rows are examples")),
    WEIR_OPTION_SIZE(struct csv, horizon, "1", 0, N_("how many rows ahead the targets are")),
    WEIR_OPTION_SIZE(struct csv, stride, "1", 1, N_("rows from one window to the next")),
    WEIR_OPTION_CHOICE(struct csv, target_at, "each", "each|last",
                       N_("a target at each step of a window, or for the last only")),
    WEIR_OPTION_STRING(struct csv, delimiter, "", N_("between cells; default: tab ; or , by look")),
    WEIR_OPTION_CHOICE(struct csv, header, "auto", "auto|true|false",
                       N_("the first row names the columns; auto: if it holds no number")),
    WEIR_CLASSES_OPTION(struct csv, classes),
    WEIR_NORMALIZE_OPTION(struct csv, normalize,
                          N_("scale each column by the training rows, a time series' targets too")),
    WEIR_NORMALIZE_OPTION(struct csv, normalize_target, N_("scale each target column")),
    WEIR_NONFINITE_OPTION(struct csv, allow_nonfinite),
    WEIR_TABLE_OPTIONS(struct csv, "0.1"),
    {0}};

static const weir_key keys[] = {
    {"columns", N_("a name, or a list of names"),
     N_("what the net reads; not given: all columns, or all but the target")},
    {"target", N_("a name, or a list of names"),
     N_("what it is to say; not given, with seq_len: the columns themselves, later on")},
    {0}};

/* Some columns of the file, and what was read from them, row by row. */
struct columns {
    size_t *index; /* [count] */
    size_t count;
    double *v; /* [rows, count] */
    size_t filled, room;
};

struct reader {
    weir_table table;
    weir_csv csv;
    struct columns x, y;
    size_t rows;
    bool labels; /* y is one column of words */
    bool guessed; /* because the loss wants classes; the configuration does not say */
    weir_labels words;
};

/* --- which columns ---------------------------------------------------------------------------- */

static weir_status fail_column(const weir_data *data, const weir_csv *csv, const weir_yaml *node,
                               weir_error *err)
{
    enum { MOST = 40 };
    const char *names[MOST + 1] = {NULL};
    if (!csv->names)
        return weir_config_fail(data->config, node, err,
                                _("there is no column \"%s\": the file has no header, and %zu "
                                  "columns from 0 on"),
                                node->text, csv->columns);
    for (size_t i = 0; i < MOST && i < csv->columns; i++) names[i] = csv->names[i];
    return weir_config_fail_unknown(data->config, node, _("column"), node->text, names, err);
}

static weir_status find_column(const weir_data *data, const weir_csv *csv, const weir_yaml *node,
                               size_t *index, weir_error *err)
{
    char *end;
    for (size_t i = 0; csv->names && i < csv->columns; i++)
        if (!strcmp(csv->names[i], node->text)) return *index = i, WEIR_OK;
    long long n = strtoll(node->text, &end, 10), columns = (long long)csv->columns;
    if (n < 0) n += columns;
    if (end == node->text || *end || n < 0 || n >= columns)
        return fail_column(data, csv, node, err);
    *index = (size_t)n;
    return WEIR_OK;
}

/* The columns that a key names, one or a list of them; none when the key is not there. */
static weir_status read_columns(weir_data *data, const weir_csv *csv, const char *key,
                                struct columns *c, weir_error *err)
{
    const weir_yaml *node = weir_yaml_find(data->map, key);
    bool one = node && node->type == WEIR_YAML_SCALAR;
    size_t most = node ? weir_yaml_count(node) + 1 : 1;
    if (most < csv->columns) most = csv->columns;
    c->index = weir_arena_calloc(&data->arena, most, sizeof *c->index);
    if (!c->index) return weir_fail_memory(err);
    for (const weir_yaml *n = one ? node : node ? node->child : NULL; n; n = one ? NULL : n->next)
        WEIR_TRY(find_column(data, csv, n, &c->index[c->count++], err));
    return WEIR_OK;
}

static bool has(const struct columns *c, size_t index)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->index[i] == index) return true;
    return false;
}

/* When the first row of data was read: what the configuration leaves open. */
static weir_status choose_columns(weir_data *data, struct reader *r, weir_error *err)
{
    const struct csv *o = data->options;
    WEIR_TRY(read_columns(data, &r->csv, "columns", &r->x, err));
    WEIR_TRY(read_columns(data, &r->csv, "target", &r->y, err));
    if (!r->y.count && !o->seq_len)
        return weir_config_fail(data->config, data->map, err, "%s",
                                _("target is needed: the column to be told from the others (or "
                                  "seq_len, to foretell a time series)"));
    for (size_t i = 0, all = r->x.count == 0; all && i < r->csv.columns; i++)
        if (weir_csv_is_number(&r->csv, i) && (o->seq_len || !has(&r->y, i)))
            r->x.index[r->x.count++] = i;
    if (!r->x.count)
        return weir_config_fail(data->config, data->map, err, "%s",
                                _("columns is needed: no column but the target begins with a "
                                  "number"));
    if (!r->y.count) {
        r->y.index = r->x.index;
        r->y.count = r->x.count;
    }
    if (r->labels && r->y.count != 1)
        return weir_config_fail(data->config, weir_data_key(data, "target"), err, "%s",
                                _("classes stand in one column: name it as target"));
    return WEIR_OK;
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool push(struct columns *c, double x)
{
    if (c->filled == c->room) {
        size_t room = c->room ? 2 * c->room : 1024;
        double *v = weir_realloc(c->v, room * sizeof *v);
        if (!v) return false;
        c->v = v;
        c->room = room;
    }
    c->v[c->filled++] = x;
    return true;
}

static weir_status read_numbers(const weir_data *data, const weir_csv *csv, struct columns *c,
                                weir_error *err)
{
    const struct csv *o = data->options;
    for (size_t i = 0; i < c->count; i++) {
        double x = 0;
        WEIR_TRY(weir_csv_number(csv, c->index[i], o->allow_nonfinite, &x, err));
        if (!push(c, x)) return weir_fail_memory(err);
    }
    return WEIR_OK;
}

/* Targets that nothing scales later on are looked at while their place is known. */
static weir_status read_targets(const weir_data *data, struct reader *r, weir_error *err)
{
    const struct csv *o = data->options;
    size_t first = r->y.filled;
    WEIR_TRY(read_numbers(data, &r->csv, &r->y, err));
    bool raw = !o->normalize_target && !o->seq_len;
    for (size_t i = 0; raw && weir_data_wants_shares(data) && i < r->y.count; i++) {
        const weir_csv_cell *cell = &r->csv.cells[r->y.index[i]];
        if (r->y.v[first + i] < 0 || r->y.v[first + i] > 1)
            return weir_fail(err, WEIR_USAGE,
                             _("%s:%zu:%zu: the target is %.40s, and the loss wants numbers from "
                               "0 to 1: use mse or mae, or cross_entropy for classes"),
                             r->csv.name, cell->line, cell->column, cell->s);
    }
    return WEIR_OK;
}

/* A number that is not whole. */
static bool is_measured(const struct reader *r, size_t column)
{
    double x;
    return weir_csv_is_number(&r->csv, column) &&
           !weir_csv_number(&r->csv, column, true, &x, NULL) && x != floor(x);
}

static weir_status read_label(struct reader *r, weir_error *err)
{
    const weir_csv_cell *cell = &r->csv.cells[r->y.index[0]];
    uint32_t number = 0;
    if (cell->length == 0)
        return weir_fail(err, WEIR_IO, _("%s:%zu:%zu: this cell is empty; a class is needed"),
                         r->csv.name, cell->line, cell->column);
    if (r->guessed && is_measured(r, r->y.index[0]))
        return weir_fail(
            err, WEIR_USAGE,
            _("%s:%zu:%zu: %s is a measured number, and the loss wants classes: use mse or "
              "mae, or say classes: true"),
            r->csv.name, cell->line, cell->column, cell->s);
    weir_status status = weir_labels_add(&r->words, cell->s, &number);
    if (status == WEIR_USAGE)
        return weir_fail(err, WEIR_USAGE,
                         _("%s:%zu:%zu: more than %d different classes; classes: false reads "
                           "targets as numbers"),
                         r->csv.name, cell->line, cell->column, WEIR_MOST_CLASSES);
    return status || !push(&r->y, number) ? weir_fail_memory(err) : WEIR_OK;
}

/* Labels were pushed as numbers in order of appearance; now they become classes. */
static weir_status rank_labels(struct reader *r, weir_error *err)
{
    uint32_t *rank = weir_malloc((r->words.count + 1) * sizeof *rank);
    size_t classes = rank ? weir_labels_rank(&r->words, rank) : 0;
    for (size_t i = 0; classes && i < r->rows; i++) r->y.v[i] = rank[(size_t)r->y.v[i]];
    weir_free(rank);
    return classes ? WEIR_OK : weir_fail_memory(err);
}

static weir_status read_rows(weir_data *data, struct reader *r, weir_error *err)
{
    bool more;
    WEIR_TRY(weir_csv_next(&r->csv, &more, err));
    if (!more) return weir_fail(err, WEIR_IO, _("%s: has no row of data"), r->csv.name);
    WEIR_TRY(choose_columns(data, r, err));
    for (; more; r->rows++) {
        WEIR_TRY(read_numbers(data, &r->csv, &r->x, err));
        WEIR_TRY(r->labels ? read_label(r, err) : read_targets(data, r, err));
        WEIR_TRY(weir_csv_next(&r->csv, &more, err));
    }
    return r->labels ? rank_labels(r, err) : WEIR_OK;
}

/* --- a table ---------------------------------------------------------------------------------- */

static weir_array rows_of(const struct columns *c, size_t first, size_t count)
{
    return weir_array_of(WEIR_F64, c->v + first * c->count, 2, (size_t[]){count, c->count});
}

static weir_status make_table(weir_data *data, struct reader *r, weir_error *err)
{
    const struct csv *o = data->options;
    weir_table *t = &r->table;
    *t = weir_table_of(&o->table, o->path, r->rows, rows_of(&r->x, 0, r->rows),
                       rows_of(&r->y, 0, r->rows));
    t->x = weir_shape_of(1, r->x.count);
    t->y = r->labels ? weir_shape_of(0) : weir_shape_of(1, r->y.count);
    WEIR_TRY(weir_table_split(data, t, err));
    WEIR_TRY(weir_table_normalize(data, t, o->normalize, r->x.v, 1, r->x.count, err));
    if (r->labels) return WEIR_OK;
    return weir_table_normalize(data, t, o->normalize_target, r->y.v, 1, r->y.count, err);
}

/* --- a time series ---------------------------------------------------------------------------- */

/* The windows inside `count` rows from `first` on. */
static weir_status cut_windows(const weir_data *data, struct reader *r, weir_split split,
                               size_t first, size_t count, weir_error *err)
{
    const struct csv *o = data->options;
    size_t T = o->seq_len, ahead = o->horizon + (o->target_at == LAST ? T - 1 : 0);
    if (count < T || count - T < o->horizon)
        return weir_config_fail(data->config, weir_data_key(data, "seq_len"), err,
                                _("the file has %zu rows, %zu of them for %s; a window of %zu rows "
                                  "and a horizon of %zu do not fit: set seq_len or validation to "
                                  "fit"),
                                r->rows, count,
                                split == WEIR_TRAIN ? _("training") : _("validation"), T,
                                o->horizon);
    r->table.part[split] = (weir_table_part){.x = rows_of(&r->x, first, count),
                                             .y = rows_of(&r->y, first + ahead, count - ahead),
                                             .count = (count - T - o->horizon) / o->stride + 1};
    return WEIR_OK;
}

static weir_status normalize_series(weir_data *data, struct reader *r, size_t train,
                                    weir_error *err)
{
    const struct csv *o = data->options;
    bool *counts = weir_arena_calloc(&data->arena, r->rows, sizeof *counts);
    if (!counts) return weir_fail_memory(err);
    memset(counts, true, train);
    weir_normalize(o->normalize, r->x.v, r->rows, r->x.count, counts);
    if (r->labels) return WEIR_OK;
    weir_normalize(o->normalize, r->y.v, r->rows, r->y.count, counts);
    weir_normalize(o->normalize_target, r->y.v, r->rows, r->y.count, counts);
    return WEIR_OK;
}

static weir_status make_series(weir_data *data, struct reader *r, weir_error *err)
{
    const struct csv *o = data->options;
    const weir_table_options *split = &o->table;
    size_t T = o->seq_len, F = r->x.count, O = r->y.count;
    size_t valid = (size_t)(split->validation * (double)r->rows);
    if (split->n_train > r->rows)
        return weir_config_fail(data->config, weir_data_key(data, "n_train"), err,
                                _("n_train is %zu, but there are %zu rows"), split->n_train,
                                r->rows);
    if (split->n_train) valid = r->rows - split->n_train;
    size_t train = r->rows - valid;
    weir_table *t = &r->table;
    *t = (weir_table){.options = split, .name = o->path, .x_scale = 1};
    t->x = weir_shape_of(2, T, F);
    t->y = o->target_at == LAST ? weir_shape_of(1, O) : weir_shape_of(2, T, O);
    if (r->labels) t->y.rank--;
    t->x_steps = true;
    t->y_steps = o->target_at == EACH;
    t->x_stride = F * o->stride;
    t->y_stride = O * o->stride;
    bool all = valid == 0 && (split->validation <= 0 || split->n_train);
    WEIR_TRY(cut_windows(data, r, WEIR_TRAIN, 0, train, err));
    WEIR_TRY(cut_windows(data, r, WEIR_VALID, all ? 0 : train, all ? train : valid, err));
    return normalize_series(data, r, train, err);
}

static weir_status open_csv(weir_data *data, weir_error *err)
{
    const struct csv *o = data->options;
    struct reader *r = data->self = weir_arena_calloc(&data->arena, 1, sizeof *r);
    const char *path = weir_data_path(data, "path", o->path);
    if (!r || !path) return weir_fail_memory(err);
    weir_csv_style style = {.header = (weir_csv_header)o->header};
    if (o->delimiter) {
        style.delimiter = o->delimiter[0];
        if (strlen(o->delimiter) != 1 || strchr("\"\r\n", style.delimiter))
            return weir_config_fail(data->config, weir_data_key(data, "delimiter"), err, "%s",
                                    _("delimiter is one character, as in \";\" or \"\\t\""));
    }
    r->labels = weir_data_wants_classes(data, o->classes, false);
    r->guessed = o->classes == 0; /* auto */
    WEIR_TRY(weir_csv_open(path, style, &r->csv, err));
    WEIR_TRY(read_rows(data, r, err));
    weir_csv_close(&r->csv);
    WEIR_TRY(o->seq_len ? make_series(data, r, err) : make_table(data, r, err));
    r->table.labels = r->table.classes = r->labels;
    r->table.allow_nonfinite = o->allow_nonfinite;
    return weir_table_open(data, &r->table, err);
}

static void close_csv(weir_data *data)
{
    struct reader *r = data->self;
    weir_csv_close(&r->csv);
    weir_labels_free(&r->words);
    weir_free(r->x.v);
    weir_free(r->y.v);
}

const weir_data_kind weir_data_csv = {
    .name = "csv",
    .doc = N_("columns of a table or a time series"),
    .options_size = sizeof(struct csv),
    .options = options,
    .keys = keys,
    .open = open_csv,
    .batch = weir_table_batch,
    .close = close_csv,
};
