/* The language: the locale, and where the catalogues lie. */
#include "cli/cli.h"

#include <glob.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Seen from the command's folder: where it is installed, and where it was built. */
static const char *const beside[] = {"../share/locale", "../po"};

/* The folder of the running command; false when nobody tells. */
static bool find_self(char folder[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (n <= 0) return false;
    folder[n] = '\0';
    char *slash = strrchr(folder, '/');
    if (!slash) return false;
    *slash = '\0';
    return true;
}

/* Whether there is a catalogue of weir, of any language. */
static bool has_catalogue(const char *folder)
{
    char pattern[PATH_MAX + 64];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/*/LC_MESSAGES/weir.mo", folder);
    if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0) return false;
    globfree(&found);
    return true;
}

/* The catalogues beside the command, so that a tree may be moved as a whole; else those of the
 * prefix it was built for. */
static void bind_catalogue(void)
{
    char self[PATH_MAX], folder[PATH_MAX + 32];
    size_t n = find_self(self) ? sizeof beside / sizeof *beside : 0;
    for (size_t i = 0; i < n; i++) {
        snprintf(folder, sizeof folder, "%s/%s", self, beside[i]);
        if (!has_catalogue(folder)) continue;
        bindtextdomain("weir", folder);
        return;
    }
    bindtextdomain("weir", WEIR_LOCALE);
}

void weir_cli_speak(void)
{
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* numbers are written one way everywhere */
    bind_catalogue();
    bind_textdomain_codeset("weir", "UTF-8");
}
