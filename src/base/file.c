#define _GNU_SOURCE
#include "base/file.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

weir_status weir_file_open(const char *path, weir_file *file, weir_error *err)
{
    *file = (weir_file){.data = (const unsigned char *)""};
    /* not to wait for somebody to write into a pipe */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return weir_fail_errno(err, path, _("open"));
    struct stat st;
    weir_status status = WEIR_OK;
    if (fstat(fd, &st) != 0) {
        status = weir_fail_errno(err, path, _("read"));
    } else if (S_ISDIR(st.st_mode)) {
        status = weir_fail(err, WEIR_IO, _("%s: is a directory; a file is needed here"), path);
    } else if (!S_ISREG(st.st_mode)) {
        status = weir_fail(err, WEIR_IO, _("%s: is not a regular file"), path);
    } else if (st.st_size > 0) {
        void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data == MAP_FAILED) {
            status = weir_fail_errno(err, path, _("map"));
        } else {
            *file = (weir_file){data, (size_t)st.st_size, true};
        }
    }
    close(fd);
    return status;
}

void weir_file_close(weir_file *file)
{
    if (file->mapped) munmap((void *)(uintptr_t)file->data, file->size);
    *file = (weir_file){0};
}

static bool write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

static bool write_parts(int fd, const weir_bytes *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!write_all(fd, parts[i].data, parts[i].size)) return false;
    return true;
}

/* A device or a pipe: it has no earlier state to keep, and must not be replaced by a file. */
static bool is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* The new name is on the disk only when its folder is. File systems that cannot do this need
 * not. */
static void sync_folder_of(const char *path)
{
    char *copy = weir_strdup(path);
    int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    weir_free(copy);
}

weir_status weir_file_write(const char *path, const void *data, size_t size, weir_error *err)
{
    return weir_file_write_parts(path, &(weir_bytes){data, size}, 1, err);
}

/* `path` is no link. */
static weir_status write_file(const char *path, const weir_bytes *parts, size_t count,
                              weir_error *err)
{
    weir_text tmp = {0};
    bool direct = is_special(path);
    weir_text_printf(&tmp, direct ? "%s" : "%s.tmp", path);
    if (tmp.failed) return weir_fail_memory(err);
    int fd = open(tmp.s, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && write_parts(fd, parts, count) && (direct || fsync(fd) == 0);
    int problem = errno;
    if (fd >= 0 && close(fd) != 0 && ok) {
        ok = false;
        problem = errno;
    }
    if (ok && !direct && rename(tmp.s, path) != 0) {
        ok = false;
        problem = errno;
    }
    if (!ok) {
        if (fd >= 0 && !direct) unlink(tmp.s);
        errno = problem;
        weir_fail_errno(err, path, _("write"));
    }
    if (ok && !direct) sync_folder_of(path);
    weir_text_free(&tmp);
    return ok ? WEIR_OK : WEIR_IO;
}

weir_status weir_file_write_parts(const char *path, const weir_bytes *parts, size_t count,
                                  weir_error *err)
{
    char *target = realpath(path, NULL); /* NULL: there is nothing yet */
    weir_status status = write_file(target && !is_special(path) ? target : path, parts, count, err);
    free(target);
    return status;
}

weir_status weir_make_folder(const char *path, weir_error *err)
{
    char *copy = weir_strdup(path);
    if (!copy) return weir_fail_memory(err);
    weir_status status = WEIR_OK;
    for (char *p = copy + 1; !status && p[-1]; p++) {
        if (*p != '/' && *p != '\0') continue;
        char kept = *p;
        *p = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            status = weir_fail_errno(err, copy, _("create the folder"));
        *p = kept;
    }
    struct stat st;
    if (!status && (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)))
        status = weir_fail(err, WEIR_IO, _("%s: exists and is not a folder"), path);
    weir_free(copy);
    return status;
}
