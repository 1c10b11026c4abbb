/* weir: chooses the number type, then hands the command line on. */
#include <string.h>

int weir_cli_main(int argc, char **argv);
int weir64_cli_main(int argc, char **argv);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--precision=float64") ||
            (!strcmp(argv[i], "--precision") && i + 1 < argc && !strcmp(argv[i + 1], "float64")))
            return weir64_cli_main(argc, argv);
    return weir_cli_main(argc, argv);
}
