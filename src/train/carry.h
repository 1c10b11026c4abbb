/* train/carry.h - recurrent states carried from one window of a stream to the next. */
#ifndef WEIR_TRAIN_CARRY_H
#define WEIR_TRAIN_CARRY_H

#include "nn/pass.h"

typedef struct weir_carry {
    real **state; /* [nodes * WEIR_MAX_STATES], each a node's states or NULL */
    size_t *size; /* numbers in each */
    size_t nodes;
} weir_carry;

weir_status weir_carry_open(weir_carry *carry, size_t nodes);
void weir_carry_close(weir_carry *carry);

/* Before forward: the next window starts from what was carried, or from zero. */
void weir_carry_in(const weir_carry *carry, weir_pass *pass, bool continues);

/* After forward: keeps the states in which this window ended. WEIR_MEMORY when there is none. */
weir_status weir_carry_out(weir_carry *carry, const weir_pass *pass);

#endif
