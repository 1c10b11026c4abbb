/* He et al., "Deep residual learning for image recognition" (2016), section 4.2, n = 3: three
 * stages of three blocks with 16, 32 and 64 channels. Shortcuts that change size are projections
 * (their option B). */
#include "base/intl.h"
#include "bench/bench.h"

#include <stdio.h>

/* conv and norm; from: what it reads, "" for the layer before. name: of the norm, or "". */
static void conv(weir_text *yaml, size_t channels, int size, int stride, const char *from,
                 const char *name)
{
    weir_text_printf(yaml,
                     "  - conv2d: { out_channels: %zu, kernel_size: %d, stride: %d, padding: %d, "
                     "bias: false%s%s }\n",
                     channels, size, stride, size / 2, *from ? ", from: " : "", from);
    weir_text_printf(yaml, "  - batchnorm2d: {%s%s }\n", *name ? " name: " : "", name);
}

/* relu -> conv, norm, relu, conv, norm, + relu or its projection -> relu */
static void block(weir_text *yaml, size_t index, size_t channels, bool halves)
{
    char in[32], side[32], main[32];
    snprintf(in, sizeof in, "relu%zu", index);
    snprintf(main, sizeof main, "main%zu", index);
    snprintf(side, sizeof side, "side%zu", index);
    if (halves) conv(yaml, channels, 1, 2, in, side);
    conv(yaml, channels, 3, halves ? 2 : 1, in, "");
    weir_text_add(yaml, "  - relu\n");
    conv(yaml, channels, 3, 1, "", main);
    weir_text_printf(yaml, "  - add: { from: [%s, %s] }\n  - relu: { name: relu%zu }\n", main,
                     halves ? side : in, index + 1);
}

static void model(const weir_bench_size *s, weir_text *yaml)
{
    (void)s;
    conv(yaml, 16, 3, 1, "", "");
    weir_text_add(yaml, "  - relu: { name: relu0 }\n");
    for (size_t i = 0; i < 9; i++) block(yaml, i, (size_t)16 << i / 3, i == 3 || i == 6);
    weir_text_add(yaml, "  - adaptive_avg_pool2d: { output_size: 1 }\n"
                        "  - flatten\n"
                        "  - linear: { out_features: 10 }\n");
}

static weir_shape x(const weir_bench_size *s)
{
    return weir_shape_of(4, s->batch, (size_t)3, (size_t)32, (size_t)32);
}

const weir_bench_kind weir_bench_resnet20 = {
    .net = {"resnet20", N_("ResNet-20 on images of 32 x 32"), {.batch = 32}},
    .model = model,
    .x = x,
};
