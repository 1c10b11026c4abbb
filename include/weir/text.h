/* weir/text.h - text out of a net that was trained on one.
 *
 *   weir_generator_open("runs/poems-1", &g, &err);
 *   weir_generator_read(g, "Once upon", &err);
 *   while (n--) {
 *       weir_generator_next(g, &how, piece, &err);
 *       fputs(piece, stdout);
 *   }
 *
 * It needs config.yaml and model.safetensors (or checkpoint.safetensors) of the run, not the text.
 */
#ifndef WEIR_TEXT_H
#define WEIR_TEXT_H

#include "weir/base.h"

#pragma GCC visibility push(default)
#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_generator weir_generator;

/* Opens the net of a run's folder, with its memory empty. WEIR_IO when a file is missing or
 * damaged, WEIR_USAGE when the net was not trained on a text or cannot be run forward in time (it
 * is bidirectional). On error *generator is NULL. */
weir_status weir_generator_open(const char *folder, weir_generator **generator, weir_error *err);
void weir_generator_free(weir_generator *generator);

/* Reads a prompt, UTF-8, behind what was read and written so far. WEIR_USAGE when it has
 * characters that the trained text had not; then nothing is read. */
weir_status weir_generator_read(weir_generator *generator, const char *prompt, weir_error *err);

/* How the next symbol is drawn from the net's probabilities; (defaults). */
typedef struct weir_sampling {
    double temperature; /* (1) above 1 bolder, below 1 more careful; 0: always the likeliest */
    size_t top_k;       /* (0) only the likeliest so many; 0: all */
    uint64_t seed;      /* (1) the same seed, the same text */
} weir_sampling;

weir_sampling weir_sampling_init(void);

enum { WEIR_PIECE = 16 };

/* Draws one symbol, remembers it as read, and puts the whole characters it completes into
 * `piece`: one, or for a model of bytes none or a few. NUL and bytes that form no UTF-8 come out
 * as U+FFFD, so pieces put together are UTF-8 wherever they end. Where nothing was read yet, text
 * begins as behind a line break. `how` NULL: the defaults. WEIR_USAGE for a temperature below 0,
 * WEIR_DIVERGED when the net's output is not finite. */
weir_status weir_generator_next(weir_generator *generator, const weir_sampling *how,
                                char piece[WEIR_PIECE], weir_error *err);

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop
#endif
