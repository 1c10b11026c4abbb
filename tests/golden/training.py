"""Groups loss, optimizer and clip."""
import torch
from torch import nn
from torch.nn import functional as F

from case import LOSSES, Case


def loss(name, dtype, shape, scale=1.0, ignored=0, class_weight=False, pos_weight=False,
         **options):
    """`ignored`: how many targets are ignore_index."""
    case = Case(name, 'loss', dtype, **options)
    kind = name.split('_')[1]
    y = case.input('input.logits', case.normal(*shape, scale=scale))
    if kind == 'ce':
        target = case.whole(shape[-1], *shape[:-1])
        target.view(-1)[:ignored] = options.get('ignore_index', -100)
    else:
        target = case.normal(*shape)
        if kind == 'bce':
            target = torch.sigmoid(target.float()).to(dtype)
    case.keep('input.target', target)
    options = dict(options)
    for given, word, keyword in ((class_weight, 'class_weight', 'weight'),
                                 (pos_weight, 'pos_weight', 'pos_weight')):
        if given:
            options[keyword] = case.normal(shape[-1]).abs() + 0.1
            case.keep('input.' + word, options[keyword])
    given = (y.reshape(-1, shape[-1]), target.reshape(-1)) if kind == 'ce' else (y, target)
    value = LOSSES[kind](*given, **options)
    value.sum().backward()
    case.keep('loss', value)
    case.keep_gradients({'input.logits': y})
    return case


def optimizer(name, dtype, kind, steps, batch, widths, scale=1.0, **hyper):
    case = Case(name, 'optimizer', dtype, optimizer=kind, steps=steps, hyper=hyper,
                net='fc(in)->sigmoid(act)->fc(out), loss mse mean')
    model = nn.ModuleDict({'in': nn.Linear(*widths[:2]), 'out': nn.Linear(*widths[1:])}).to(dtype)
    for p in model.parameters():
        p.data = case.normal(*p.shape, scale=scale)
    x, target = case.normal(batch, widths[0]), case.normal(batch, widths[2])
    case.keep('input.x', x)
    case.keep('input.target', target)
    named = dict(model.named_parameters())
    trajectory = {n: [p.detach().clone()] for n, p in named.items()}
    gradients, losses = {n: [] for n in named}, []
    taken = getattr(torch.optim, kind)(model.parameters(), **hyper)
    for _ in range(steps):
        taken.zero_grad()
        value = F.mse_loss(model['out'](torch.sigmoid(model['in'](x))), target)
        value.backward()
        losses.append(value)
        taken.step()
        for n, p in named.items():
            gradients[n].append(p.grad.clone())
            trajectory[n].append(p.detach().clone())
    case.keep('loss', torch.stack(losses))
    for n in named:
        case.keep('trajectory.' + n, torch.stack(trajectory[n]))
        case.keep('grads.' + n, torch.stack(gradients[n]))
    return case


def clip(name, dtype, kind, limit, shapes, scale=1.0):
    case = Case(name, 'clip', dtype, kind=kind, limit=limit)
    params = [nn.Parameter(torch.zeros(*shape, dtype=dtype)) for shape in shapes]
    for i, p in enumerate(params):
        p.grad = case.normal(*p.shape, scale=scale)
        case.keep(f'grad_before.{i}', p.grad)
    if kind == 'value':
        nn.utils.clip_grad_value_(params, limit)
    else:
        case.keep('total_norm', nn.utils.clip_grad_norm_(params, limit, float(kind[4:])))
    for i, p in enumerate(params):
        case.keep(f'grad_after.{i}', p.grad)
    return case
