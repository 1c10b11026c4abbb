/* record/record.h - filling a flow record (weir/record.h): its memory and its growing lists. */
#ifndef WEIR_RECORD_RECORD_H
#define WEIR_RECORD_RECORD_H

#include "base/arena.h"
#include "weir/record.h"

/* Memory that lives as long as the record. NULL when there is none. */
void *weir_record_alloc(weir_flow_record *record, size_t count, size_t size);
const char *weir_record_text(weir_flow_record *record, const char *text);

/* [count] numbers, all NaN. */
double *weir_record_numbers(weir_flow_record *record, size_t count);

/* One more point, zeroed; a sample has its arrays, all NaN. NULL when there is no memory. */
weir_loss_point *weir_record_add_loss(weir_flow_record *record);
weir_eval_point *weir_record_add_eval(weir_flow_record *record);
weir_sample *weir_record_add_sample(weir_flow_record *record);

/* Whether depth counts node i: it has weights, and a gradient comes to it. */
bool weir_record_has_depth(const weir_flow_record *record, size_t i);

/* The newest sample in which the gradient at nodes `first` and `last` is a number above 0; NULL
 * where there is none. */
const weir_sample *weir_record_flowing(const weir_flow_record *record, size_t first, size_t last);

/* Where the first number that was not finite is, "the output of 3 (rnn), time step 7", into
 * buffer; returns buffer. */
char *weir_nonfinite_words(const weir_flow_record *record, char *buffer, size_t room);

#endif
