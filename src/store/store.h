/* store/store.h - a run's flow record in SQLite: the file run.db of its folder.
 *
 *   sqlite3 run.db 'select step, loss from eval'
 *   sqlite3 run.db 'select lag, joint from lag_flow where step = 99'
 *
 *   fact(name, value)                                     seed, steps, constant_loss, diverged, ..
 *   node, node_input, parameter, line, gate               what the net is made of
 *   loss, eval                                            the curves: a row a step, a validation
 *   sample(step, loss)                                    a row for each step that was measured:
 *     node_flow, parameter_flow, time_flow, gate_flow       by node, parameter, time step, gate
 *     lag, lag_flow                                         the lag profile of each line
 *
 * Step numbers are those of the record: a loss and a sample belong to the step that was taken, an
 * evaluation to the steps taken before it. What was not measured is NULL. Rows are written in
 * transactions: a killed process leaves a database with everything up to the last one.
 */
#ifndef WEIR_STORE_STORE_H
#define WEIR_STORE_STORE_H

#include "record/record.h"

typedef struct weir_store weir_store;

/* How many points of a record are in the store. */
typedef struct weir_store_mark {
    size_t losses, evals, samples;
} weir_store_mark;

/* Opens FOLDER/run.db for writing, and makes it where there is none. WEIR_IO with the path when it
 * cannot be, or when it is no database of Weir's. On error *store is NULL. */
weir_status weir_store_open(const char *folder, weir_store **store, weir_error *err);
void weir_store_close(weir_store *store);

/* Writes facts, the net, and every point beyond the mark, in one transaction, and moves the mark.
 * On error neither the database nor the mark has changed. */
weir_status weir_store_write(weir_store *store, const weir_flow_record *record,
                             weir_store_mark *mark, weir_error *err);

/* Forgets what was written after so many steps were taken. */
weir_status weir_store_drop_after(weir_store *store, uint64_t steps, weir_error *err);

/* The record in FOLDER/run.db, also while another process writes it. Free with weir_record_free.
 * WEIR_IO with the path when it cannot be read or contradicts itself. On error *record is NULL. */
weir_status weir_store_read(const char *folder, weir_flow_record **record, weir_error *err);

#endif
