#include "base/status.h"

#include "base/intl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A sentence is one line, whatever the names in it hold; and it commands no terminal. */
static void keep_to_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f) *text = '?';
}

weir_status weir_fail(weir_error *err, weir_status status, const char *format, ...)
{
    if (err && !err->text[0]) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        keep_to_line(err->text);
        err->status = status;
    }
    return status;
}

void weir_error_prefix(weir_error *err, const char *format, ...)
{
    if (!err) return;
    char text[sizeof err->text];
    va_list args;
    va_start(args, format);
    int used = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (used < 0 || (size_t)used >= sizeof text) return;
    snprintf(text + used, sizeof text - (size_t)used, "%s", err->text);
    memcpy(err->text, text, sizeof text);
}

weir_status weir_fail_memory(weir_error *err)
{
    return weir_fail(err, WEIR_MEMORY, "%s", _("out of memory"));
}

weir_status weir_fail_errno(weir_error *err, const char *path, const char *verb)
{
    return weir_fail(err, WEIR_IO, _("%s: cannot %s: %s"), path, verb, strerror(errno));
}

const char *weir_version(void)
{
    return WEIR_VERSION;
}

size_t weir_real_size(void)
{
    return sizeof(weir_real);
}
