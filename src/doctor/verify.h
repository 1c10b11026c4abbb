/* doctor/verify.h - proving candidates by matched trials.
 *
 *   screen     every candidate and the untreated net on 3 seeds, longer while nobody can tell
 *   confirm    the promising ones on 5 fresh seeds, with their controls
 */
#ifndef WEIR_DOCTOR_VERIFY_H
#define WEIR_DOCTOR_VERIFY_H

#include "doctor/remedy.h"
#include "doctor/trial.h"

/* Fills one prescription per candidate (which gives its configuration away). steps: of the first
 * trials; most: they may be prolonged up to there. *tally: what became of the untreated net. */
weir_status weir_verify(weir_ward *ward, const weir_case *sick, weir_candidates *candidates,
                        uint64_t seed, uint64_t steps, uint64_t most,
                        weir_prescription *prescriptions, weir_untreated *tally, weir_error *err);

/* What stands under `doctor:` in a configuration (doctor.c). */
extern const weir_option weir_doctor_option_table[];

#endif
