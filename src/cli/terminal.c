/* What the command line knows of its terminal: colours, width, progress, Ctrl-C. */
#define _GNU_SOURCE
#include "base/intl.h"
#include "base/status.h"
#include "cli/cli.h"

#include <errno.h>
#include <langinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static size_t terminal_width(int fd)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    if (columns && atoi(columns) >= 40) return (size_t)atoi(columns);
    if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
    return 80;
}

static bool is_dumb(void)
{
    const char *term = getenv("TERM");
    return term && (!*term || !strcmp(term, "dumb"));
}

/* Whether a line can be written over. */
static bool rewrites(void)
{
    return isatty(STDERR_FILENO) && !is_dumb();
}

weir_canvas weir_cli_canvas(weir_text *out, bool to_stderr)
{
    int fd = to_stderr ? STDERR_FILENO : STDOUT_FILENO;
    const char *no_colour = getenv("NO_COLOR");
    size_t width = terminal_width(fd);
    return (weir_canvas){
        .out = out,
        .colour = isatty(fd) && !(no_colour && *no_colour) && !is_dumb(),
        .utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
        .width = width > 120 ? 120 : width};
}

bool weir_cli_print(weir_cli *cli, weir_text *text)
{
    bool failed = text->failed;
    if (!failed && text->s) failed = fputs(text->s, stdout) < 0;
    if (!failed) failed = fflush(stdout) != 0;
    if (failed && text->failed)
        weir_fail_memory(&cli->err);
    else if (failed)
        weir_fail_errno(&cli->err, "stdout", _("write"));
    weir_text_free(text);
    return !failed;
}

bool weir_cli_print_json(weir_cli *cli, json_t *json)
{
    weir_text out = {0};
    char *text = json ? json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    if (text) weir_text_add(&out, text);
    weir_text_add(&out, "\n");
    out.failed |= !text;
    free(text);
    json_decref(json);
    return weir_cli_print(cli, &out);
}

void weir_cli_progress(const weir_cli *cli, const char *doing, size_t done, size_t of,
                       const char *details)
{
    static const char *last;
    static int last_tenth;
    if (cli->quiet) return;
    int percent = of ? (int)(100 * done / of) : 0;
    if (rewrites()) {
        char line[400];
        snprintf(line, sizeof line, "%s %d %%  %s", doing, percent, details ? details : "");
        line[weir_text_fit(line, terminal_width(STDERR_FILENO) - 1)] = '\0';
        fprintf(stderr, "\r\033[K%s", line);
        fflush(stderr);
    } else if (doing != last || percent / 10 != last_tenth) {
        fprintf(stderr, "%s %d %%  %s\n", doing, percent, details ? details : "");
    }
    last = doing;
    last_tenth = percent / 10;
}

void weir_cli_progress_end(const weir_cli *cli)
{
    if (!cli->quiet && rewrites()) fputs("\r\033[K", stderr);
}

static atomic_int interrupted; /* the signal */

/* Nothing may run on the stack of a thread that computes: oneDNN's kernels keep their stack pointer
 * in ordinary memory, and a handler's frame would overwrite what lies below it. So signals are
 * blocked in every thread, and this one waits for them. */
static void *wait_for_signals(void *set)
{
    int number;
    while (sigwait(set, &number) != 0) {}
    interrupted = number;
    while (sigwait(set, &number) != 0) {}
    signal(number, SIG_DFL); /* the second one ends the program */
    pthread_sigmask(SIG_UNBLOCK, set, NULL);
    raise(number);
    return NULL;
}

bool weir_cli_interrupted(void)
{
    return interrupted != 0;
}

int weir_cli_signal_status(void)
{
    return 128 + interrupted;
}

void weir_cli_catch_signals(void)
{
    static sigset_t set;
    pthread_t thread;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* threads made later inherit it */
    if (pthread_create(&thread, NULL, wait_for_signals, &set) == 0)
        pthread_detach(thread);
    else
        pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* then they end the program at once */
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of writing */
}
