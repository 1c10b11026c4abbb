/* base/real.h - the number type of the whole library, float or (in libweir64) double.
 * The only file that knows which: R(0.5) is a literal of that type, r_exp its exp. */
#ifndef WEIR_BASE_REAL_H
#define WEIR_BASE_REAL_H

#include "weir/base.h"

#include <float.h>
#include <math.h>

typedef weir_real real;

#ifdef WEIR_FLOAT64
#define R(x) x
#define REAL_MAX DBL_MAX
#define REAL_MIN DBL_MIN
#define REAL_EPS DBL_EPSILON
#define REAL_BITS 64
#define r_exp exp
#define r_expm1 expm1
#define r_log log
#define r_log1p log1p
#define r_tanh tanh
#define r_erf erf
#define r_erfc erfc
#define r_sqrt sqrt
#define r_abs fabs
#define r_max fmax
#define r_min fmin
#else
#define R(x) x##f
#define REAL_MAX FLT_MAX
#define REAL_MIN FLT_MIN
#define REAL_EPS FLT_EPSILON
#define REAL_BITS 32
#define r_exp expf
#define r_expm1 expm1f
#define r_log logf
#define r_log1p log1pf
#define r_tanh tanhf
#define r_erf erff
#define r_erfc erfcf
#define r_sqrt sqrtf
#define r_abs fabsf
#define r_max fmaxf
#define r_min fminf
#endif

#endif
