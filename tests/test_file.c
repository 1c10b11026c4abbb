/* Files: whole or not at all, links stay links, folders with their parents. */
#include "tests/files.h"

static void holds(const char *name, const char *words)
{
    weir_file file;
    weir_error err = {0};
    assert_ok(weir_file_open(path_of(name), &file, &err), err);
    assert_int_equal(file.size, strlen(words));
    assert_memory_equal(file.data, words, file.size);
    weir_file_close(&file);
}

static bool there(const char *name)
{
    return access(path_of(name), F_OK) == 0;
}

static void a_file_is_written_whole(void **state)
{
    (void)state;
    weir_error err = {0};
    weir_bytes parts[] = {{"one ", 4}, {"", 0}, {"two", 3}};
    assert_ok(weir_file_write_parts(path_of("a"), parts, 3, &err), err);
    holds("a", "one two");
    write_words("a", "shorter");
    holds("a", "shorter");
    write_words("a", "");
    holds("a", "");
    assert_false(there("a.tmp"));
}

static void a_failure_leaves_what_was_there(void **state)
{
    (void)state;
    weir_error err = {0};
    assert_ok(weir_make_folder(path_of("place"), &err), err);
    assert_int_equal(weir_file_write(path_of("place"), "x", 1, &err), WEIR_IO);
    assert_non_null(strstr(err.text, "place"));
    assert_false(there("place.tmp"));
    err = (weir_error){0};
    assert_int_equal(weir_file_write(path_of("nowhere/a"), "x", 1, &err), WEIR_IO);
    assert_non_null(strstr(err.text, "nowhere/a"));
}

static void a_link_stays_a_link(void **state)
{
    (void)state;
    struct stat st;
    write_words("real", "old");
    assert_int_equal(symlink("real", path_of("link")), 0);
    write_words("link", "new");
    assert_int_equal(lstat(path_of("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    holds("real", "new");
    assert_int_equal(symlink("gone", path_of("dangling")), 0);
    write_words("dangling", "here");
    holds("dangling", "here");
}

static void folders_come_with_their_parents(void **state)
{
    (void)state;
    weir_error err = {0};
    assert_ok(weir_make_folder(path_of("p/q/r"), &err), err);
    assert_ok(weir_make_folder(path_of("p/q/r/"), &err), err);
    assert_true(there("p/q/r"));
    write_words("file", "x");
    assert_int_equal(weir_make_folder(path_of("file"), &err), WEIR_IO);
    assert_int_equal(weir_make_folder(path_of("file/under"), &err), WEIR_IO);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_written_whole),
        cmocka_unit_test(a_failure_leaves_what_was_there),
        cmocka_unit_test(a_link_stays_a_link),
        cmocka_unit_test(folders_come_with_their_parents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
