#!/usr/bin/env python3
"""Makes the golden cases beside this file with PyTorch (Debian's python3-torch), for
weir-check-reference.

    make.py [FOLDER]

A case is made in float64 and in float32, from the same float32 numbers. NAME.v0.f64.npz is kept:
it is what Weir must come to in either number type, and its inputs are exact in both, so both
entries of the manifest name it. What PyTorch makes of the case in float32 must be within the
tolerance that Weir is held to. manifest.json says what was computed. The arrays:

    input.*  param.*  buffer_before.*        what the case starts from
    output.*  loss  layer.*  buffer_after.*  what it must come to
    grad.X                                   gradient of the loss by X

    recurrent  rnn -> head (linear), layout T,B,feature. input.lengths, where there is one, holds
               the steps of each sequence: beyond them states stand still, outputs are 0, and the
               loss does not look. state.h.l0 [T,B,H] are the states after each step,
               grad.state.h.l0 their total gradients; stepgrad.W [T, ..] is what each step
               contributes to the gradient of W (every step has a copy of its own here).
    tbptt      emb -> rnn -> head on consecutive windows: chunkK.*
    optimizer  trajectory.W[k] is W after k steps, grads.W[k] and loss[k] what was found there
    clip       grad_before.K, grad_after.K, total_norm
    others     a net as a list of nodes (`model`), and its loss_kind
"""
import json
import pathlib
import sys

import numpy
import torch

from nets import activation, deep_normalised, dropout, embedding, mlp, normaliser, residual
from recurrent import recurrent, tbptt
from training import clip, loss, optimizer


def recurrent_cases():
    small = {'T': 4, 'B': 2, 'I': 2, 'H': 3, 'O': 2}
    yield recurrent, 'rnn_tanh_one', {'kind': 'rnn_tanh', **small}
    yield recurrent, 'rnn_tanh_two_bi', {'kind': 'rnn_tanh', **small, 'layers': 2,
                                         'bidirectional': True}
    yield recurrent, 'rnn_tanh_lengths', {'kind': 'rnn_tanh', **small, 'B': 3,
                                          'lengths': [2, 4, 1]}
    yield recurrent, 'rnn_tanh_long', {'kind': 'rnn_tanh', 'T': 21, 'B': 1, 'I': 1, 'H': 2, 'O': 1,
                                       'loss_kind': 'mse_last', 'recurrent_scale': 0.6}
    yield recurrent, 'rnn_relu_bi_nobias', {'kind': 'rnn_relu', **small, 'bidirectional': True,
                                            'bias': False}
    yield recurrent, 'rnn_relu_two', {'kind': 'rnn_relu', **small, 'layers': 2,
                                      'recurrent_scale': 1.5}
    yield recurrent, 'lstm_one', {'kind': 'lstm', **small}
    yield recurrent, 'lstm_two_nobias', {'kind': 'lstm', **small, 'H': 2, 'layers': 2,
                                         'bias': False, 'loss_kind': 'ce_last'}
    yield recurrent, 'lstm_two_bi_lengths', {'kind': 'lstm', 'T': 3, 'B': 3, 'I': 1, 'H': 2,
                                             'O': 2, 'layers': 2, 'bidirectional': True,
                                             'lengths': [3, 1, 2]}
    yield recurrent, 'gru_one', {'kind': 'gru', **small, 'loss_kind': 'ce_all'}
    yield recurrent, 'gru_two_bi', {'kind': 'gru', **small, 'H': 2, 'layers': 2,
                                    'bidirectional': True}
    yield recurrent, 'gru_nobias_lengths', {'kind': 'gru', **small, 'bias': False,
                                            'bidirectional': True, 'lengths': [1, 3]}
    for kind in ('rnn_tanh', 'lstm', 'gru'):
        yield tbptt, 'tbptt_' + kind, {'kind': kind, 'V': 5, 'E': 2, 'H': 3, 'T': 3, 'B': 2,
                                       'chunks': 2, 'lr': 0.3, 'layers': 2 if kind == 'gru' else 1}


ACTIVATIONS = {'relu': {}, 'leaky_relu': {'negative_slope': 0.15}, 'prelu': {},
               'elu': {'alpha': 0.7}, 'selu': {}, 'sigmoid': {}, 'tanh': {}, 'silu': {},
               'softplus': {}, 'gelu': {}, 'hardsigmoid': {}, 'identity': {}}


def net_cases():
    for kind, options in ACTIVATIONS.items():
        yield activation, 'act_' + kind, {'kind': kind, **options}
    yield activation, 'act_gelu_tanh', {'kind': 'gelu', 'approximate': 'tanh'}
    yield activation, 'act_softplus_beta', {'kind': 'softplus', 'beta': 2.5, 'threshold': 6}
    for kind in ('tanh', 'sigmoid', 'relu', 'gelu', 'elu'):
        yield mlp, 'mlp_' + kind, {'activation': kind, 'widths': [3, 5, 4, 2], 'batch': 3}
    yield mlp, 'mlp_prelu', {'activation': 'prelu', 'widths': [4, 3, 5, 3], 'batch': 3,
                             'loss_kind': 'ce', 'num_parameters': 'channels'}
    yield mlp, 'mlp_bce', {'activation': 'silu', 'widths': [3, 4, 2], 'batch': 2,
                           'loss_kind': 'bce'}
    yield mlp, 'mlp_deep_tanh', {'activation': 'tanh', 'widths': [2] + [3] * 9 + [1], 'batch': 2}
    yield mlp, 'mlp_deep_sigmoid', {'activation': 'sigmoid', 'widths': [2] + [3] * 9 + [1],
                                    'batch': 2}
    for mode in ('train', 'eval'):
        yield normaliser, 'batchnorm_' + mode, {
            'group': 'batchnorm', 'kind': 'batchnorm1d', 'shape': (5, 4), 'mode': mode,
            'num_features': 4}
        yield normaliser, 'batchnorm_sequence_' + mode, {
            'group': 'batchnorm', 'kind': 'batchnorm1d', 'shape': (2, 3, 4), 'mode': mode,
            'num_features': 3, 'affine': False, 'eps': 1e-3, 'momentum': 0.25}
    yield deep_normalised, 'batchnorm_deep', {'group': 'batchnorm', 'kind': 'batchnorm1d',
                                              'size': 'num_features', 'widths': [3, 5, 4, 3],
                                              'batch': 6}
    yield normaliser, 'layernorm_rows', {'group': 'layernorm', 'kind': 'layernorm',
                                         'shape': (3, 5), 'normalized_shape': [5]}
    yield normaliser, 'layernorm_two_sizes', {'group': 'layernorm', 'kind': 'layernorm',
                                              'shape': (2, 3, 4), 'normalized_shape': [3, 4],
                                              'eps': 1e-2}
    yield normaliser, 'layernorm_plain', {'group': 'layernorm', 'kind': 'layernorm',
                                          'shape': (2, 2, 3), 'normalized_shape': [3],
                                          'elementwise_affine': False}
    yield deep_normalised, 'layernorm_deep', {'group': 'layernorm', 'kind': 'layernorm',
                                              'size': 'normalized_shape', 'widths': [3, 5, 4, 3],
                                              'batch': 2}
    yield residual, 'residual_dense', {'width': 3, 'blocks': 3, 'batch': 4, 'outputs': 2}
    yield embedding, 'embedding_words', {'shape': (4, 3), 'words': 6, 'size': 3}
    yield embedding, 'embedding_padding', {'shape': (7,), 'words': 4, 'size': 2, 'padding_idx': 2}
    yield dropout, 'dropout_none', {'p': 0.0, 'mode': 'train', 'widths': [3, 4, 2], 'batch': 3}
    yield dropout, 'dropout_eval', {'p': 0.3, 'mode': 'eval', 'widths': [3, 4, 2], 'batch': 3}


def loss_cases():
    for kind in ('mse', 'mae', 'bce', 'ce'):
        for reduction in ('mean', 'sum', 'none'):
            yield loss, f'loss_{kind}_{reduction}', {'shape': (4, 3), 'reduction': reduction}
    yield loss, 'loss_mse_sequence', {'shape': (3, 2, 2)}
    yield loss, 'loss_ce_sequence', {'shape': (3, 2, 4)}
    yield loss, 'loss_ce_large', {'shape': (4, 3), 'scale': 60.0}
    yield loss, 'loss_ce_smooth', {'shape': (4, 3), 'label_smoothing': 0.2}
    yield loss, 'loss_ce_weight', {'shape': (5, 3), 'class_weight': True}
    yield loss, 'loss_ce_ignore', {'shape': (5, 3), 'ignore_index': 1}
    yield loss, 'loss_ce_ignored', {'shape': (5, 3), 'ignored': 2}
    for reduction in ('mean', 'sum', 'none'):
        yield loss, 'loss_ce_all_options_' + reduction, {
            'shape': (6, 4), 'class_weight': True, 'label_smoothing': 0.3, 'ignore_index': -7,
            'ignored': 2, 'reduction': reduction}
    yield loss, 'loss_bce_large', {'shape': (4, 3), 'scale': 60.0}
    yield loss, 'loss_bce_pos_weight', {'shape': (4, 3), 'pos_weight': True, 'reduction': 'sum'}


OPTIMIZERS = {
    'sgd': ('SGD', {'lr': 0.2}),
    'sgd_decay': ('SGD', {'lr': 0.2, 'weight_decay': 0.05, 'maximize': True}),
    'sgd_momentum': ('SGD', {'lr': 0.1, 'momentum': 0.8, 'dampening': 0.4, 'weight_decay': 0.02}),
    'sgd_nesterov': ('SGD', {'lr': 0.1, 'momentum': 0.7, 'nesterov': True, 'weight_decay': 0.02}),
    'rmsprop': ('RMSprop', {'lr': 0.03, 'alpha': 0.8, 'eps': 1e-4, 'weight_decay': 0.1}),
    'rmsprop_centered': ('RMSprop', {'lr': 0.02, 'alpha': 0.7, 'eps': 1e-3, 'centered': True,
                                     'momentum': 0.5}),
    'adam': ('Adam', {'lr': 0.03}),
    'adam_all': ('Adam', {'lr': 0.02, 'betas': [0.7, 0.9], 'eps': 1e-5, 'weight_decay': 0.2,
                          'amsgrad': True}),
    'adam_maximize': ('Adam', {'lr': 0.02, 'maximize': True}),
    'adamw': ('AdamW', {'lr': 0.03, 'betas': [0.8, 0.95], 'weight_decay': 0.3}),
    'adamw_amsgrad': ('AdamW', {'lr': 0.03, 'amsgrad': True}),
    'adamax': ('Adamax', {'lr': 0.04, 'betas': [0.7, 0.8], 'eps': 1e-3, 'weight_decay': 0.1}),
    'adagrad': ('Adagrad', {'lr': 0.2, 'lr_decay': 0.1, 'initial_accumulator_value': 0.05,
                            'weight_decay': 0.1}),
    'adadelta': ('Adadelta', {'lr': 0.7, 'rho': 0.8, 'eps': 1e-3, 'weight_decay': 0.1}),
}


def training_cases():
    for name, (kind, hyper) in OPTIMIZERS.items():
        yield optimizer, 'opt_' + name, {'kind': kind, 'steps': 6, 'batch': 5, 'widths': [2, 4, 2],
                                         **hyper}
    for kind in ('norm1', 'norm2', 'norminf', 'norm3', 'value'):
        for limit in (0.05, 200.0):
            yield clip, f'clip_{kind}_{limit:g}', {'kind': kind, 'limit': limit,
                                                   'shapes': [(2, 3), (5,)]}


def ill_conditioned(truth, single):
    """Arrays whose float32 numbers are further from the truth than Weir's may be."""
    gradients = [a for n, a in truth.arrays.items() if 'grad' in n]
    noise = 1e-7 * max(numpy.abs(a).max() for a in gradients)
    for name, array in truth.arrays.items():
        error = numpy.abs(array - single.arrays[name]).max(initial=0)
        if not error <= 2e-5 * numpy.abs(array).max(initial=0) + noise:
            yield f'{name}: {error:.2g}'


def save(folder, cases):
    """Every (function, name, arguments) in float64, and the manifest."""
    entries = []
    for make, name, arguments in cases:
        truth = make(name=name, dtype=torch.float64, **arguments)
        single = make(name=name, dtype=torch.float32, **arguments)
        for problem in ill_conditioned(truth, single):
            print(f'{name}: float32 is off by more than allowed: {problem}')
        file = f'{name}.v0.f64.npz'
        numpy.savez_compressed(folder / file, **truth.arrays)
        entries += [{**truth.entry, 'dtype': word, 'file': file} for word in ('f64', 'f32')]
    lines = ',\n'.join(json.dumps(e) for e in entries)
    versions = json.dumps({'torch': torch.__version__, 'numpy': numpy.__version__})
    (folder / 'manifest.json').write_text(f'{versions[:-1]}, "cases": [\n{lines}\n]}}\n')


def main():
    torch.set_num_threads(1)
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    folder.mkdir(exist_ok=True)
    save(folder, [*recurrent_cases(), *net_cases(), *loss_cases(), *training_cases()])


if __name__ == '__main__':
    main()
