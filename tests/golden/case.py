"""One case in one number type, and the losses that cases of several groups share."""
import zlib

import torch
from torch.nn import functional as F


class Case:
    """One case in one number type: the arrays, and the entry in the manifest."""

    def __init__(self, name, group, dtype, **entry):
        self.seed = zlib.crc32(name.encode()) & 0x7fffffff
        self.entry = {'name': name, 'variant': 0, 'group': group, 'seed': self.seed, **entry}
        self.dtype = dtype
        self.random = torch.Generator().manual_seed(self.seed)
        self.arrays = {}

    def normal(self, *shape, scale=1.0):
        """The same float32 numbers, whatever the case's type."""
        return (torch.randn(*shape, generator=self.random) * scale).to(self.dtype)

    def whole(self, below, *shape):
        return torch.randint(below, shape, generator=self.random)

    def keep(self, name, array):
        self.arrays[name] = array.detach().clone().numpy()

    def input(self, name, array):
        """An array to start from, whose gradient is wanted when it is of floats."""
        self.keep(name, array)
        return array.requires_grad_() if array.is_floating_point() else array

    def keep_gradients(self, named):
        for name, array in named.items():
            gradient = torch.zeros_like(array) if array.grad is None else array.grad
            self.keep('grad.' + name, gradient)


LOSSES = {'mse': F.mse_loss, 'mae': F.l1_loss, 'ce': F.cross_entropy,
          'bce': F.binary_cross_entropy_with_logits}


def net_loss(kind, y, target, lengths=None):
    """By the manifest's word. Rows beyond a sequence's length do not count."""
    if kind == 'sum(y*target)':
        return (y * target).sum()
    if kind.endswith('_last'):
        return LOSSES[kind[:-5]](y[-1], target)
    word = kind.removesuffix('_all')
    if lengths is not None:
        within = torch.arange(y.shape[0])[:, None] < lengths
        y, target = y[within], target[within]
    if word == 'ce':
        y, target = y.reshape(-1, y.shape[-1]), target.reshape(-1)
    return LOSSES[word](y, target)
