/* What changed between two configurations, as lines (longest common subsequence). */
#include "base/memory.h"
#include "config/config.h"

#include <string.h>

struct lines {
    char *text;
    char **line;
    size_t count;
};

static bool split(const weir_config *config, struct lines *out)
{
    out->text = weir_config_text(config);
    if (!out->text) return false;
    size_t n = 1;
    for (const char *p = out->text; *p; p++) n += *p == '\n';
    out->line = weir_malloc(n * sizeof *out->line);
    if (!out->line) return false;
    for (char *p = out->text; *p;) {
        out->line[out->count++] = p;
        p += strcspn(p, "\n");
        if (*p) *p++ = '\0';
    }
    return true;
}

static void lines_free(struct lines *l)
{
    weir_free(l->text);
    weir_free(l->line);
}

/* common[i][j]: length of the longest common subsequence of a[i..] and b[j..]. */
static size_t *common_table(const struct lines *a, const struct lines *b)
{
    size_t width = b->count + 1;
    size_t *common = weir_calloc((a->count + 1) * width, sizeof *common);
    for (size_t i = a->count; common && i-- > 0;)
        for (size_t j = b->count; j-- > 0;) {
            size_t *here = &common[i * width + j];
            if (!strcmp(a->line[i], b->line[j])) {
                *here = common[(i + 1) * width + j + 1] + 1;
            } else {
                size_t down = common[(i + 1) * width + j], right = common[i * width + j + 1];
                *here = down >= right ? down : right;
            }
        }
    return common;
}

/* Script of '-', '+' and ' ' lines; then only what is within two lines of a change is kept. */
static void write_script(const struct lines *a, const struct lines *b, const size_t *common,
                         char *mark, const char **line, weir_text *out)
{
    enum { AROUND = 2 };
    size_t i = 0, j = 0, n = 0, width = b->count + 1;
    while (i < a->count || j < b->count) {
        bool same = i < a->count && j < b->count && !strcmp(a->line[i], b->line[j]);
        bool remove = !same && i < a->count &&
                      (j == b->count || common[(i + 1) * width + j] >= common[i * width + j + 1]);
        mark[n] = same ? ' ' : remove ? '-' : '+';
        line[n] = mark[n] == '+' ? b->line[j] : a->line[i];
        n++;
        i += same || remove;
        j += same || !remove;
    }
    for (size_t k = 0, last = 0; k < n; k++) {
        bool near = false;
        for (size_t m = k > AROUND ? k - AROUND : 0; m < n && m <= k + AROUND; m++)
            near |= mark[m] != ' ';
        if (!near) continue;
        if (last && k > last) weir_text_add(out, "...\n");
        weir_text_printf(out, "%c %s\n", mark[k], line[k]);
        last = k + 1;
    }
}

char *weir_config_diff(const weir_config *a, const weir_config *b)
{
    struct lines la = {0}, lb = {0};
    weir_text out = {0};
    bool ok = split(a, &la) && split(b, &lb);
    size_t *common = ok ? common_table(&la, &lb) : NULL;
    size_t n = la.count + lb.count + 1;
    char *mark = weir_malloc(n);
    const char **line = weir_malloc(n * sizeof *line);
    ok = common && mark && line;
    if (ok) write_script(&la, &lb, common, mark, line, &out);
    lines_free(&la);
    lines_free(&lb);
    weir_free(common);
    weir_free(mark);
    weir_free(line);
    return ok ? weir_text_take(&out) : NULL;
}
