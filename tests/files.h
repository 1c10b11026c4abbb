/* tests/files.h - files of a test: they live in a folder that goes when the test ends. */
#ifndef WEIR_TESTS_FILES_H
#define WEIR_TESTS_FILES_H

#include "base/file.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/weir-test-XXXXXX";

/* A path in the folder, good until the next call but seven. */
static inline const char *path_of(const char *name)
{
    static char paths[8][256];
    static size_t turn;
    char *path = paths[turn++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline void write_file(const char *name, const void *data, size_t size)
{
    weir_error err = {0};
    assert_ok(weir_file_write(path_of(name), data, size, &err), err);
}

static inline void write_words(const char *name, const char *words)
{
    write_file(name, words, strlen(words));
}

static inline void assert_same_file(const char *a, const char *b)
{
    weir_file x, y;
    weir_error err = {0};
    assert_ok(weir_file_open(path_of(a), &x, &err), err);
    assert_ok(weir_file_open(path_of(b), &y, &err), err);
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.data, y.data, x.size);
    weir_file_close(&x);
    weir_file_close(&y);
}

/* main() of a test program: tests, and the folder around them. */
static inline int run_with_folder(int (*run)(void))
{
    char command[64];
    if (!mkdtemp(folder)) return 1;
    int failed = run();
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) || failed;
}

#endif
