/* The command line: flags, help, dispatch. */
#include "cli/cli.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 9e15 /* whole numbers up to here are doubles */

#define WEIR_COMMAND(name) &weir_command_##name,
const weir_command *const weir_commands[] = {
#include "cli/list.def"
    NULL};
#undef WEIR_COMMAND

const weir_flag weir_cli_common[] = {
    {"json", 0, NULL, N_("print one JSON object on stdout")},
    {"set", 0, "KEY=VALUE", N_("override a key of the configuration, as train.lr=1e-3")},
    {"seed", 's', "N", N_("seed of weights, batches and dropout (default: the configuration's)")},
    {"threads", 't', "N", N_("threads (default: OMP_NUM_THREADS, or all cores)")},
    {"precision", 0, "float32|float64", N_("number type (default: float32)")},
    {"kernels", 0, "fast|reference", N_("which kernels compute (default: fast)")},
    {"quiet", 'q', NULL, N_("no progress")},
    {"help", 'h', NULL, N_("this page")},
    {0}};

/* --- flags ------------------------------------------------------------------------------------ */

static const weir_flag *find_flag(const weir_flag *flags, const char *word, size_t length)
{
    for (; flags && flags->name; flags++)
        if (strlen(flags->name) == length && !strncmp(flags->name, word, length)) return flags;
    return NULL;
}

static const weir_flag *find_brief(const weir_flag *flags, char brief)
{
    for (; flags && flags->name; flags++)
        if (flags->brief == brief) return flags;
    return NULL;
}

static weir_status unknown_flag(weir_cli *cli, const char *word)
{
    const char *names[128];
    size_t n = 0;
    for (const weir_flag *f = cli->command->flags; f && f->name && n < 127; f++)
        names[n++] = f->name;
    for (const weir_flag *f = weir_cli_common; f->name && n < 127; f++) names[n++] = f->name;
    names[n] = NULL;
    const char *meant = weir_closest(word + strspn(word, "-"), names);
    if (meant)
        return weir_fail(&cli->err, WEIR_USAGE, _("unknown flag %s; did you mean --%s?"), word,
                         meant);
    return weir_fail(&cli->err, WEIR_USAGE, _("unknown flag %s; weir %s --help lists them"), word,
                     cli->command->name);
}

static weir_status keep(weir_cli *cli, const weir_flag *flag, const char *value)
{
    if (cli->options == WEIR_MAX_ARGUMENTS)
        return weir_fail(&cli->err, WEIR_USAGE, _("more than %d flags"), WEIR_MAX_ARGUMENTS);
    cli->option[cli->options].flag = flag;
    cli->option[cli->options++].value = value;
    return WEIR_OK;
}

/* The flag at argv[*i], with its value behind = or in the next word. */
static weir_status read_flag(weir_cli *cli, char **argv, int argc, int *i)
{
    const char *word = argv[*i], *equals = strchr(word, '=');
    const weir_flag *flag;
    if (word[1] == '-') {
        size_t length = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
        flag = find_flag(cli->command->flags, word + 2, length);
        if (!flag) flag = find_flag(weir_cli_common, word + 2, length);
    } else {
        flag = find_brief(cli->command->flags, word[1]);
        if (!flag) flag = find_brief(weir_cli_common, word[1]);
        equals = NULL;
        if (flag && word[2] && flag->value) return keep(cli, flag, word + 2);
        if (word[2]) flag = NULL;
    }
    if (!flag) return unknown_flag(cli, word);
    if (!flag->value) {
        if (equals)
            return weir_fail(&cli->err, WEIR_USAGE, _("--%s takes no value"), flag->name);
        return keep(cli, flag, "");
    }
    if (equals) return keep(cli, flag, equals + 1);
    if (*i + 1 == argc)
        return weir_fail(&cli->err, WEIR_USAGE, _("--%s needs a value: %s"), flag->name,
                         flag->value);
    return keep(cli, flag, argv[++*i]);
}

static weir_status read_arguments(weir_cli *cli, int argc, char **argv)
{
    bool only_words = false;
    for (int i = 2; i < argc; i++) {
        if (!only_words && !strcmp(argv[i], "--")) {
            only_words = true;
        } else if (!only_words && argv[i][0] == '-' && argv[i][1]) {
            WEIR_TRY(read_flag(cli, argv, argc, &i));
        } else if (cli->arguments == WEIR_MAX_ARGUMENTS) {
            return weir_fail(&cli->err, WEIR_USAGE, _("more than %d arguments"),
                             WEIR_MAX_ARGUMENTS);
        } else {
            cli->argument[cli->arguments++] = argv[i];
        }
    }
    return WEIR_OK;
}

const char *weir_cli_get(const weir_cli *cli, const char *name)
{
    for (size_t i = cli->options; i-- > 0;)
        if (!strcmp(cli->option[i].flag->name, name)) return cli->option[i].value;
    return NULL;
}

bool weir_cli_number(weir_cli *cli, const char *name, double least, double fallback, double *out)
{
    const char *text = weir_cli_get(cli, name);
    char *end;
    *out = fallback;
    if (!text) return true;
    *out = strtod(text, &end);
    if (end != text && !*end && *out >= least && *out <= MOST) return true;
    if (*out > MOST)
        weir_fail(&cli->err, WEIR_USAGE, _("--%s must be at most %g, not \"%s\""), name, MOST,
                  text);
    weir_fail(&cli->err, WEIR_USAGE, _("--%s must be a number of at least %g, not \"%s\""), name,
              least, text);
    return false;
}

bool weir_cli_count(weir_cli *cli, const char *name, uint64_t least, uint64_t fallback,
                    uint64_t *out)
{
    double number;
    *out = fallback;
    if (!weir_cli_get(cli, name)) return true;
    if (!weir_cli_number(cli, name, (double)least, 0, &number)) return false;
    *out = (uint64_t)number;
    if (number == floor(number)) return true;
    weir_fail(&cli->err, WEIR_USAGE, _("--%s must be a whole number, not \"%s\""), name,
              weir_cli_get(cli, name));
    return false;
}

static weir_status apply_common(weir_cli *cli)
{
    uint64_t threads;
    const char *kernels = weir_cli_get(cli, "kernels");
    const char *precision = weir_cli_get(cli, "precision");
    cli->json = weir_cli_get(cli, "json") != NULL;
    cli->quiet = weir_cli_get(cli, "quiet") != NULL;
    if (!weir_cli_count(cli, "threads", 1, 0, &threads)) return WEIR_USAGE;
    weir_set_threads(threads < 1024 ? (int)threads : 1024);
    if (precision && strcmp(precision, "float32") != 0 && strcmp(precision, "float64") != 0)
        return weir_fail(&cli->err, WEIR_USAGE,
                         _("--precision is float32 or float64, not \"%s\""), precision);
    return kernels ? weir_set_kernels(kernels, &cli->err) : WEIR_OK;
}

/* --seed, also 0, is what train.seed says. */
static weir_status set_seed(weir_cli *cli, weir_config *config)
{
    uint64_t seed;
    if (!weir_cli_count(cli, "seed", 0, 0, &seed)) return WEIR_USAGE;
    const char *value = weir_cli_get(cli, "seed");
    return value ? weir_config_set(config, "train.seed", value, &cli->err) : WEIR_OK;
}

weir_status weir_cli_config(weir_cli *cli, const char *path, weir_config **config)
{
    WEIR_TRY(weir_config_load(path, config, &cli->err));
    if (set_seed(cli, *config)) {
        weir_config_free(*config);
        *config = NULL;
        return WEIR_USAGE;
    }
    for (size_t i = 0; i < cli->options; i++) {
        if (strcmp(cli->option[i].flag->name, "set") != 0) continue;
        const char *value = strchr(cli->option[i].value, '=');
        char *key = weir_strdup(cli->option[i].value);
        weir_status status;
        if (!key || !value || value == cli->option[i].value) {
            status = weir_fail(&cli->err, WEIR_USAGE,
                               _("--set wants KEY=VALUE, as train.lr=1e-3, not \"%s\""),
                               cli->option[i].value);
        } else {
            key[value - cli->option[i].value] = '\0';
            status = weir_config_set(*config, key, value + 1, &cli->err);
        }
        weir_free(key);
        if (!status) continue;
        weir_config_free(*config);
        *config = NULL;
        return status;
    }
    return WEIR_OK;
}

int weir_cli_fail(weir_cli *cli)
{
    fprintf(stderr, "weir: %s\n", cli->err.text);
    return cli->err.status == WEIR_MEMORY ? WEIR_IO : (int)cli->err.status;
}

int weir_cli_main(int argc, char **argv)
{
    weir_cli cli = {0};
    weir_cli_speak();
    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        weir_cli_usage();
        return argc < 2 ? WEIR_USAGE : WEIR_OK;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("weir %s\n", weir_version());
        return WEIR_OK;
    }
    const char *names[64];
    size_t n = 0;
    for (; weir_commands[n] && n < 63; n++) {
        names[n] = weir_commands[n]->name;
        if (!strcmp(names[n], argv[1])) cli.command = weir_commands[n];
    }
    names[n] = NULL;
    if (!cli.command) {
        const char *meant = weir_closest(argv[1], names);
        fprintf(stderr, meant ? _("weir: unknown command \"%s\"; did you mean \"%s\"?\n")
                              : _("weir: unknown command \"%s\"; weir --help lists them\n"),
                argv[1], meant);
        return WEIR_USAGE;
    }
    if (read_arguments(&cli, argc, argv)) return weir_cli_fail(&cli);
    if (weir_cli_get(&cli, "help")) {
        weir_cli_help(cli.command, false);
        return WEIR_OK;
    }
    if (cli.arguments < cli.command->least || cli.arguments > cli.command->most) {
        weir_cli_help(cli.command, true);
        if (cli.arguments < cli.command->least)
            weir_fail(&cli.err, WEIR_USAGE, _("%s is missing"), cli.command->arguments);
        else
            weir_fail(&cli.err, WEIR_USAGE, _("\"%s\" is one argument too many"),
                      cli.argument[cli.command->most]);
        return weir_cli_fail(&cli);
    }
    if (apply_common(&cli)) return weir_cli_fail(&cli);
    weir_cli_catch_signals();
    return cli.command->run(&cli);
}
