/* doctor/weigh.h - what the trials mean for the findings. */
#ifndef WEIR_DOCTOR_WEIGH_H
#define WEIR_DOCTOR_WEIGH_H

#include "doctor/rule.h"
#include "weir/doctor.h"

/* Weighs severities and diagnosis again, by report->untreated and the prescriptions. */
void weir_weigh(weir_report *report, const weir_facts *facts);

#endif
