/* tensor/vec.h - arithmetic over plain arrays. Sums run in double, in a fixed order. */
#ifndef WEIR_TENSOR_VEC_H
#define WEIR_TENSOR_VEC_H

#include "base/real.h"

double weir_vec_sum(size_t n, const real *x);
double weir_vec_dot(size_t n, const real *x, const real *y);
double weir_vec_squares(size_t n, const real *x); /* sum of squares */
double weir_vec_norm1(size_t n, const real *x); /* sum of absolute values */
double weir_vec_norm_inf(size_t n, const real *x); /* largest absolute value; NaN wins */
/* Square root of the sum of squares; finite, and above 0, whenever it can be: also where squares of
 * float64 numbers leave the range. */
double weir_vec_norm2(size_t n, const real *x);

void weir_vec_zero(size_t n, real *x);
void weir_vec_copy(size_t n, const real *x, real *y);
void weir_vec_add(size_t n, const real *x, real *y);            /* y += x */
void weir_vec_axpy(size_t n, real a, const real *x, real *y);   /* y += a x */
void weir_vec_scale(size_t n, real a, real *x);                 /* x *= a */

/* y = tanh x, y = 1 / (1 + e^-x), element by element; x and y may be the same. */
void weir_vec_tanh(size_t n, const real *x, real *y);
void weir_vec_sigmoid(size_t n, const real *x, real *y);

/* Index of the first NaN or infinity, n when all are finite. */
size_t weir_vec_first_nonfinite(size_t n, const real *x);

/* x [rows, n]: out[j] += sum over rows of x[., j] (accumulated in double per column block). */
void weir_vec_add_columns(size_t rows, size_t n, const real *x, real *out);

#endif
