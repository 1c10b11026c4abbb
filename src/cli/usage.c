/* What --help prints. */
#include "base/intl.h"
#include "cli/cli.h"

#include <stdio.h>

enum { FLAG = 35 }; /* columns */

static void print(weir_text *out, bool to_stderr)
{
    if (out->s) fputs(out->s, to_stderr ? stderr : stdout);
    weir_text_free(out);
}

static void show_flags(weir_canvas *c, const weir_flag *flags)
{
    for (; flags && flags->name; flags++) {
        char left[80], brief[8] = "    ";
        if (flags->brief) snprintf(brief, sizeof brief, "-%c, ", flags->brief);
        snprintf(left, sizeof left, "  %s--%s%s%s", brief, flags->name, flags->value ? " " : "",
                 flags->value ? flags->value : "");
        weir_paint_cell(c, WEIR_PLAIN, FLAG, left);
        weir_paint_wrapped(c, FLAG, FLAG, _(flags->doc));
    }
}

void weir_cli_usage(void)
{
    enum { COMMAND = 12 };
    weir_text out = {0};
    weir_canvas c = weir_cli_canvas(&out, false);
    weir_text_printf(
        &out, _("weir %s: trains networks and measures how the gradient flows through them\n\n"),
        weir_version());
    weir_text_add(&out, _("usage: weir COMMAND [ARGUMENTS]\n\n"));
    for (size_t i = 0; weir_commands[i]; i++) {
        weir_text_add(&out, "  ");
        weir_paint_cell(&c, WEIR_PLAIN, COMMAND - 2, weir_commands[i]->name);
        weir_paint_wrapped(&c, COMMAND, COMMAND, _(weir_commands[i]->doc));
    }
    weir_text_add(&out, _("\nflags of every command:\n"));
    show_flags(&c, weir_cli_common);
    weir_text_add(&out, "\n");
    weir_paint_wrapped(
        &c, 0, 0,
        _("weir COMMAND --help tells more. Exit status: 0 healthy or done, 1 findings, 2 "
          "usage or configuration, 3 input or output, 4 the run diverged, 130 Ctrl-C, 143 "
          "SIGTERM."));
    print(&out, false);
}

void weir_cli_help(const weir_command *command, bool to_stderr)
{
    weir_text out = {0};
    weir_canvas c = weir_cli_canvas(&out, to_stderr);
    weir_text_printf(&out, _("usage: weir %s %s\n\n"), command->name, command->arguments);
    weir_paint_wrapped(&c, 0, 0, _(command->doc));
    weir_text_add(&out, "\n");
    show_flags(&c, command->flags);
    show_flags(&c, weir_cli_common);
    print(&out, to_stderr);
}
