/* weir-check-reference DIR [WORD]: runs the cases of DIR/manifest.json (with WORD: those whose name
 * holds it) as the manifest says, and compares outputs, losses and every gradient.
 *
 * Prints a line for each array that differs, a line for each case that was skipped, and last
 * "N passed, N failed, N skipped". Exit status 0 nothing failed, 1 something did, 2 usage, 3 input.
 */
#include "tests/reference/reference.h"

#include <stdio.h>
#include <string.h>

struct totals {
    size_t passed, failed, skipped;
};

/* The file of the float64 twin of an entry, by name and variant; NULL when there is none. */
static const char *truth_file(const json_t *cases, const json_t *entry)
{
    size_t i;
    json_t *other;
    json_array_foreach (cases, i, other) {
        if (!strcmp(ref_text(other, "dtype", ""), "f64") &&
            !strcmp(ref_text(other, "name", ""), ref_text(entry, "name", "")) &&
            json_equal(json_object_get(other, "variant"), json_object_get(entry, "variant")))
            return ref_text(other, "file", NULL);
    }
    return NULL;
}

static weir_status read_file(const char *folder, const char *file, ref_arrays *arrays,
                             weir_error *err)
{
    char path[4096];
    if (!file) return weir_fail(err, WEIR_IO, "%s: a case without a float64 file", folder);
    if (snprintf(path, sizeof path, "%s/%s", folder, file) >= (int)sizeof path)
        return weir_fail(err, WEIR_IO, "%s: the path is too long", file);
    return ref_arrays_read(path, arrays, err);
}

static void count(struct totals *totals, const ref_case *c)
{
    if (*c->skip && !c->failures) {
        printf("%s: skipped: %s\n", c->name, c->skip);
        totals->skipped++;
    } else if (c->failures) {
        totals->failed++;
    } else {
        totals->passed++;
    }
}

static weir_status run_case(const char *folder, const json_t *cases, const json_t *entry,
                            struct totals *totals, weir_error *err)
{
    ref_case c = {.json = entry, .largest_gradient = -1};
    const char *dtype = ref_text(entry, "dtype", "");
    c.f64 = !strcmp(dtype, "f64");
    snprintf(c.name, sizeof c.name, "%s.v%zu.%s", ref_text(entry, "name", "?"),
             ref_size(entry, "variant", 0), dtype);
    weir_status status = read_file(folder, ref_text(entry, "file", NULL), &c.own, err);
    if (!status) status = read_file(folder, truth_file(cases, entry), &c.truth, err);
    if (!status) {
        if (c.f64)
            ref_run64(&c);
        else
            ref_run32(&c);
        if (!*c.skip) ref_expect_nothing_left(&c);
        count(totals, &c);
    }
    ref_arrays_free(&c.own);
    ref_arrays_free(&c.truth);
    return status;
}

static weir_status run_folder(const char *folder, const char *word, struct totals *totals,
                              weir_error *err)
{
    char path[4096];
    json_error_t problem;
    snprintf(path, sizeof path, "%s/manifest.json", folder);
    json_t *root = json_load_file(path, 0, &problem);
    const json_t *cases = json_object_get(root, "cases");
    weir_status status = WEIR_OK;
    if (!root)
        status = weir_fail(err, WEIR_IO, "%s:%d:%d: %s", path, problem.line, problem.column,
                           problem.text);
    else if (!json_array_size(cases))
        status = weir_fail(err, WEIR_IO, "%s: there is no list \"cases\"", path);
    size_t i;
    json_t *entry;
    json_array_foreach (cases, i, entry)
        if (!status && (!word || strstr(ref_text(entry, "name", ""), word)))
            status = run_case(folder, cases, entry, totals, err);
    json_decref(root);
    return status;
}

int main(int argc, char **argv)
{
    struct totals totals = {0};
    weir_error err = {0};
    if (argc < 2 || argc > 3 || argv[1][0] == '-') {
        fprintf(stderr, "usage: weir-check-reference DIR [WORD]\n"
                        "DIR holds manifest.json and NAME.npz; WORD picks the cases whose name "
                        "holds it\n");
        return WEIR_USAGE;
    }
    weir_status status = run_folder(argv[1], argc > 2 ? argv[2] : NULL, &totals, &err);
    if (!status && totals.passed + totals.failed + totals.skipped == 0)
        status = weir_fail(&err, WEIR_USAGE, "no case's name holds \"%s\"", argv[2]);
    if (status) {
        fprintf(stderr, "weir-check-reference: %s\n", err.text);
        return (int)status;
    }
    printf("%zu passed, %zu failed, %zu skipped\n", totals.passed, totals.failed, totals.skipped);
    return totals.failed ? WEIR_FINDINGS : WEIR_OK;
}
