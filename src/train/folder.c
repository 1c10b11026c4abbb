#include "train/folder.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"

#include <sys/stat.h>
#include <unistd.h>

char *weir_run_path(const char *folder, const char *name)
{
    weir_text path = {0};
    weir_text_printf(&path, "%s/%s", folder, name);
    return weir_text_take(&path);
}

weir_status weir_run_check(const char *folder, const char *name, weir_error *err)
{
    struct stat st;
    char *path = weir_run_path(folder, name);
    weir_status status = WEIR_OK;
    if (!path)
        status = weir_fail_memory(err);
    else if (stat(folder, &st) != 0)
        status = weir_fail_errno(err, folder, _("find the run"));
    else if (!S_ISDIR(st.st_mode))
        status = weir_fail(err, WEIR_IO, _("%s: is a file; a run is a folder, made by weir train"),
                           folder);
    else if (access(path, F_OK) != 0)
        status = weir_fail(err, WEIR_IO, _("%s: is missing; %s is not the folder of a run"), path,
                           folder);
    weir_free(path);
    return status;
}

weir_status weir_run_load_config(const char *folder, weir_config **config, weir_error *err)
{
    *config = NULL;
    WEIR_TRY(weir_run_check(folder, "config.yaml", err));
    char *path = weir_run_path(folder, "config.yaml");
    weir_status status = path ? weir_config_load(path, config, err) : weir_fail_memory(err);
    weir_free(path);
    return status;
}
