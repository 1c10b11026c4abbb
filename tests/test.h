/* tests/test.h - what every unit test includes first. */
#ifndef WEIR_TESTS_TEST_H
#define WEIR_TESTS_TEST_H

#include "base/real.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* |a - b| <= tolerance, with both numbers in the message. */
#define assert_near(a, b, tolerance)                                                         \
    do {                                                                                     \
        double near_a = (double)(a), near_b = (double)(b), near_t = (double)(tolerance);     \
        if (!(fabs(near_a - near_b) <= near_t))                                              \
            fail_msg("%s = %.17g, %s = %.17g: they differ by %.3g, more than %.3g", #a, near_a, \
                     #b, near_b, fabs(near_a - near_b), near_t);                             \
    } while (0)

/* The call went well; else its sentence is shown. */
#define assert_ok(call, err)                                          \
    do {                                                              \
        if ((call) != WEIR_OK) fail_msg("%s: %s", #call, (err).text); \
    } while (0)

#endif
