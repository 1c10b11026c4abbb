/* cli/cli.h - what a command is. One command is one file in this folder and one line in list.def.
 *
 * stdout carries data, stderr talk and progress. Exit status: 0 healthy or done, 1 findings, 2
 * usage or configuration, 3 input or output, 4 the run diverged; 128 + the signal that stopped it.
 */
#ifndef WEIR_CLI_CLI_H
#define WEIR_CLI_CLI_H

#include "show/paint.h"
#include "weir/config.h"

#include <jansson.h>

typedef struct weir_flag {
    const char *name;  /* "steps": --steps */
    char brief;        /* 's': -s; 0: none */
    const char *value; /* what it takes, "N"; NULL: nothing */
    const char *doc;   /* one sentence, with the default */
} weir_flag;

typedef struct weir_cli weir_cli;

typedef struct weir_command {
    const char *name, *doc;
    const char *arguments;  /* "CONFIG" */
    const weir_flag *flags; /* ends with {0} */
    size_t least, most;     /* positional arguments */
    int (*run)(weir_cli *cli);
} weir_command;

enum { WEIR_MAX_ARGUMENTS = 64 };

struct weir_cli {
    const weir_command *command;
    size_t arguments, options;
    const char *argument[WEIR_MAX_ARGUMENTS];
    struct {
        const weir_flag *flag;
        const char *value;
    } option[WEIR_MAX_ARGUMENTS];
    bool json, quiet;
    weir_error err;
};

extern const weir_command *const weir_commands[];

/* The flags of every command. */
extern const weir_flag weir_cli_common[];

/* What --help prints: for the program, and for a command (usage.c). */
void weir_cli_usage(void);
void weir_cli_help(const weir_command *command, bool to_stderr);

/* The whole command line; returns the exit status. */
int weir_cli_main(int argc, char **argv);

/* Sets the locale, and where sentences find their translations. */
void weir_cli_speak(void);

/* The last value of --name, NULL when it was not given ("" for a flag that takes none). */
const char *weir_cli_get(const weir_cli *cli, const char *name);

/* A number from --name, at most 9e15; fallback when it was not given. False, with the sentence in
 * cli->err, when it is no such number. */
bool weir_cli_number(weir_cli *cli, const char *name, double least, double fallback, double *out);

/* The same for a whole number. */
bool weir_cli_count(weir_cli *cli, const char *name, uint64_t least, uint64_t fallback,
                    uint64_t *out);

/* Loads a configuration and applies every --set. */
weir_status weir_cli_config(weir_cli *cli, const char *path, weir_config **config);

/* Prints the sentence of cli->err to stderr; returns its exit status. */
int weir_cli_fail(weir_cli *cli);

/* A canvas for stdout (or stderr), as the terminal, NO_COLOR and the locale want it. */
weir_canvas weir_cli_canvas(weir_text *out, bool to_stderr);

/* Prints and frees. False, with the sentence in cli->err, when stdout does not take it. */
bool weir_cli_print(weir_cli *cli, weir_text *text);

/* The same for a JSON object, which is released; NULL is no memory. */
bool weir_cli_print_json(weir_cli *cli, json_t *json);

/* Progress on stderr: one line that rewrites itself on a terminal, cut at its edge; elsewhere one
 * line for each tenth. */
void weir_cli_progress(const weir_cli *cli, const char *doing, size_t done, size_t of,
                       const char *details);
void weir_cli_progress_end(const weir_cli *cli);

/* True once Ctrl-C (SIGINT) or SIGTERM has come; the second one ends the program at once. The exit
 * status of a command that was stopped so: 130 for Ctrl-C. */
bool weir_cli_interrupted(void);
int weir_cli_signal_status(void);
void weir_cli_catch_signals(void);

#define WEIR_COMMAND(name) extern const weir_command weir_command_##name;
#include "cli/list.def"
#undef WEIR_COMMAND

#endif
