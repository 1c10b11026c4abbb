/* base/clock.h - how long something takes. Nothing that is computed may depend on it. */
#ifndef WEIR_BASE_CLOCK_H
#define WEIR_BASE_CLOCK_H

/* Seconds of a clock that only goes forward; where it begins is not said. */
double weir_now(void);

#endif
