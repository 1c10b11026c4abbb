#include "nn/inits/fan.h"

#include "base/intl.h"

double weir_gain(int nonlinearity, double slope)
{
    switch (nonlinearity) {
    case 2: return 5.0 / 3.0;                         /* tanh */
    case 3: return sqrt(2.0);                         /* relu */
    case 4: return sqrt(2.0 / (1.0 + slope * slope)); /* leaky_relu */
    case 5: return 0.75;                              /* selu */
    default: return 1.0;                              /* linear, sigmoid */
    }
}

const weir_option weir_xavier_options[] = {
    WEIR_OPTION_REAL(struct weir_xavier, gain, "1", 0, 1e6, N_("a factor on all weights")),
    {0}};

const weir_option weir_kaiming_options[] = {
    WEIR_OPTION_REAL(struct weir_kaiming, a, "0", -1e6, 1e6, N_("slope of leaky_relu below 0")),
    WEIR_OPTION_CHOICE(struct weir_kaiming, mode, "fan_in", "fan_in|fan_out",
                       N_("keep the variance forward or backward")),
    WEIR_OPTION_CHOICE(struct weir_kaiming, nonlinearity, "leaky_relu", WEIR_NONLINEARITIES,
                       N_("what follows the weights")),
    {0}};

double weir_xavier_std(const struct weir_xavier *o, const weir_parameter *p)
{
    return o->gain * sqrt(2.0 / (double)(p->fan_in + p->fan_out));
}

double weir_kaiming_std(const struct weir_kaiming *o, const weir_parameter *p)
{
    size_t fan = o->mode == 0 ? p->fan_in : p->fan_out;
    return weir_gain(o->nonlinearity, o->a) / sqrt((double)fan);
}
