/* nn/inits/fan.h - what xavier and kaiming share: gains, and the sizes a parameter connects. */
#ifndef WEIR_NN_INITS_FAN_H
#define WEIR_NN_INITS_FAN_H

#include "nn/init.h"

/* torch.nn.init.calculate_gain, the same names and values; `slope` is leaky_relu's. */
#define WEIR_NONLINEARITIES "linear|sigmoid|tanh|relu|leaky_relu|selu"
double weir_gain(int nonlinearity, double slope);

struct weir_xavier {
    double gain;
};

struct weir_kaiming {
    double a;
    int mode, nonlinearity;
};

extern const weir_option weir_xavier_options[], weir_kaiming_options[];

/* The standard deviation. */
double weir_xavier_std(const struct weir_xavier *o, const weir_parameter *p);
double weir_kaiming_std(const struct weir_kaiming *o, const weir_parameter *p);

#endif
