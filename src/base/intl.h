/* base/intl.h - sentences a person reads go through _(); names in files and JSON never do.
 * N_() marks a sentence in a static table, translated where it is shown. */
#ifndef WEIR_BASE_INTL_H
#define WEIR_BASE_INTL_H

#include <libintl.h>

#define _(sentence) dgettext("weir", sentence)
#define N_(sentence) sentence

#endif
