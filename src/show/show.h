/* show/show.h - drawing records and reports. Knows structs, never a model. */
#ifndef WEIR_SHOW_SHOW_H
#define WEIR_SHOW_SHOW_H

#include "show/paint.h"
#include "weir/finding.h"

#include <jansson.h>

/* flow_text.c: the net as a table with parameters; the depth profile; the lag profiles. */
void weir_show_network(weir_canvas *c, const weir_flow_record *record);
void weir_show_depth(weir_canvas *c, const weir_flow_record *record);
void weir_show_time(weir_canvas *c, const weir_flow_record *record);

/* units_text.c: saturated and dead units, gates; what each time step contributes, |g_t| and shares;
 * how often clipping engaged; the first number that is not finite. Nothing is drawn where nothing
 * was measured. */
void weir_show_units(weir_canvas *c, const weir_flow_record *record);
void weir_show_contributions(weir_canvas *c, const weir_flow_record *record);
void weir_show_clipping(weir_canvas *c, const weir_flow_record *record);
void weir_show_nonfinite(weir_canvas *c, const weir_flow_record *record);

/* report_text.c: findings, prescriptions, findings that weigh more or less since the trials, and
 * what to do next. */
void weir_show_findings(weir_canvas *c, const weir_report *report);
void weir_show_prescriptions(weir_canvas *c, const weir_report *report);
void weir_show_weighed(weir_canvas *c, const weir_report *report);
/* What to type next. again: this visit, with trials; longer: the same with more steps; train:
 * training what was visited; written: training the file that --apply wrote, or NULL; same: this
 * visit to the letter. */
typedef struct weir_next {
    const char *again, *longer, *train, *written, *same;
} weir_next;
void weir_show_next(weir_canvas *c, const weir_report *report, const weir_next *next);
void weir_show_verdict(weir_canvas *c, const weir_report *report);

/* json.c: NULL when there is no memory. Numbers that are not finite are null, with "NAME_flag":
 * "nan", "inf" or "-inf" beside them. */
json_t *weir_json_flow(const weir_flow_record *record);
json_t *weir_json_report(const weir_report *report);
void weir_json_number(json_t *object, const char *name, double value);

#endif
