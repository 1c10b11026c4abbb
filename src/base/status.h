/* base/status.h - helpers around weir_status (weir/base.h). */
#ifndef WEIR_BASE_STATUS_H
#define WEIR_BASE_STATUS_H

#include "weir/base.h"

/* Hands a failure on to the caller. */
#define WEIR_TRY(call)                          \
    do {                                        \
        weir_status try_status = (call);        \
        if (try_status) return try_status;      \
    } while (0)

/* Puts words in front of the sentence in *err: "net.yaml:4:5: ". */
void weir_error_prefix(weir_error *err, const char *format, ...) WEIR_PRINTF(2, 3);

/* The sentence for "no memory", the same everywhere. */
weir_status weir_fail_memory(weir_error *err);

/* WEIR_IO with the text of errno: "PATH: cannot VERB: No space left on device"; the verb is
 * _()'s. */
weir_status weir_fail_errno(weir_error *err, const char *path, const char *verb);

#endif
