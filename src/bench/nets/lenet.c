/* LeCun et al., "Gradient-based learning applied to document recognition" (1998), with ReLU and
 * largest numbers in its pools. */
#include "base/intl.h"
#include "bench/bench.h"

static void model(const weir_bench_size *s, weir_text *yaml)
{
    (void)s;
    weir_text_add(yaml, "  - conv2d: { out_channels: 6, kernel_size: 5, padding: 2 }\n"
                        "  - relu\n"
                        "  - max_pool2d: { kernel_size: 2 }\n"
                        "  - conv2d: { out_channels: 16, kernel_size: 5 }\n"
                        "  - relu\n"
                        "  - max_pool2d: { kernel_size: 2 }\n"
                        "  - flatten\n"
                        "  - linear: { out_features: 120 }\n"
                        "  - relu\n"
                        "  - linear: { out_features: 84 }\n"
                        "  - relu\n"
                        "  - linear: { out_features: 10 }\n");
}

static weir_shape x(const weir_bench_size *s)
{
    return weir_shape_of(4, s->batch, (size_t)1, (size_t)28, (size_t)28);
}

const weir_bench_kind weir_bench_lenet = {
    .net = {"lenet", N_("LeNet-5 on images of 28 x 28"), {.batch = 64}},
    .model = model,
    .x = x,
};
