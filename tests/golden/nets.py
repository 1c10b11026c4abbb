"""Nets as lists of nodes, one pass each: groups mlp, activation, batchnorm, layernorm, residual,
embedding and dropout."""
import torch
from torch import nn

from case import Case, net_loss

MODULES = {'linear': nn.Linear, 'relu': nn.ReLU, 'leaky_relu': nn.LeakyReLU, 'prelu': nn.PReLU,
           'elu': nn.ELU, 'selu': nn.SELU, 'sigmoid': nn.Sigmoid, 'tanh': nn.Tanh, 'silu': nn.SiLU,
           'softplus': nn.Softplus, 'gelu': nn.GELU, 'hardsigmoid': nn.Hardsigmoid,
           'identity': nn.Identity, 'batchnorm1d': nn.BatchNorm1d, 'layernorm': nn.LayerNorm,
           'embedding': nn.Embedding, 'dropout': nn.Dropout, 'flatten': nn.Flatten}


def open_node(case, node, scale):
    """The module of a node with drawn parameters and statistics; None for add."""
    if node['type'] == 'add':
        return None
    module = MODULES[node['type']](**node.get('options', {})).to(case.dtype)
    for name, p in module.named_parameters():
        fan = p.shape[-1] if p.dim() > 1 else 4
        p.data = case.normal(*p.shape, scale=scale * fan ** -0.5)
        case.keep(f'param.{node["name"]}.{name}', p)
    for name, b in module.named_buffers():
        if name == 'running_var':
            b.data = case.normal(*b.shape).abs() + 0.5
        elif name == 'running_mean':
            b.data = case.normal(*b.shape)
        case.keep(f'buffer_before.{node["name"]}.{name}', b)
    return module


def net(name, group, dtype, model, x, target, loss_kind='mse', mode='train', scale=1.0):
    """`x` and `target` draw the inputs. A node without "from" reads the one before it."""
    before = 'x'
    for node in model:
        node.setdefault('from', [before])
        before = node['name']
    case = Case(name, group, dtype, model=model, loss_kind=loss_kind, mode=mode)
    value = {'x': case.input('input.x', x(case))}
    wanted = target(case)
    case.keep('input.target', wanted)
    modules = {node['name']: open_node(case, node, scale) for node in model}
    for node in model:
        inputs = [value[source] for source in node['from']]
        module = modules[node['name']]
        if module:
            module.train(mode == 'train')
        y = module(*inputs) if module else sum(inputs[1:], inputs[0])
        value[node['name']] = y if y is not inputs[0] else y * 1
        value[node['name']].retain_grad()
    loss = net_loss(loss_kind, value[before], wanted)
    loss.backward()
    case.keep('loss', loss)
    case.keep('output.y', value[before])
    if value['x'].is_floating_point():
        case.keep_gradients({'input.x': value['x']})
    for node in model:
        at, module = node['name'], modules[node['name']]
        case.keep('layer.' + at, value[at])
        case.keep_gradients({'layer.' + at: value[at]})
        if module:
            case.keep_gradients({f'param.{at}.{n}': p for n, p in module.named_parameters()})
            for n, b in module.named_buffers():
                case.keep(f'buffer_after.{at}.{n}', b)
    return case


def node(kind, name, source=None, **options):
    made = {'name': name, 'type': kind}
    if options:
        made['options'] = options
    if source:
        made['from'] = source
    return made


def numbers(*shape, scale=1.0):
    return lambda case: case.normal(*shape, scale=scale)


def classes(below, *shape):
    return lambda case: case.whole(below, *shape)


def mlp(name, dtype, activation, widths, batch, loss_kind='mse', scale=1.0, x_scale=1.0,
        **options):
    """The second linear layer has no bias."""
    model = []
    for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        model.append(node('linear', f'fc{i}', in_features=inputs, out_features=outputs,
                          bias=i != 1))
        if i + 2 < len(widths):
            own = dict(options)
            if own.get('num_parameters') == 'channels':
                own['num_parameters'] = outputs
            model.append(node(activation, f'act{i}', **own))
    target = classes(widths[-1], batch) if loss_kind == 'ce' else numbers(batch, widths[-1])
    return net(name, 'mlp', dtype, model, numbers(batch, widths[0], scale=x_scale), target,
               loss_kind, scale=scale)


EDGES = [0, -0.0, 1e-6, -1e-6, 3, -3, 2.75, -3.25, 7.5, -7.5, 19, 21, -21, 60, -60]


def activation(name, dtype, kind, points=24, scale=2.0, **options):
    """On drawn points, and where activations have their kinks and ends."""
    def x(case):
        edges = torch.tensor(EDGES, dtype=torch.float32).to(case.dtype)
        return torch.cat([case.normal(points, scale=scale), edges])
    return net(name, 'activation', dtype, [node(kind, 'act', **options)], x,
               numbers(points + len(EDGES)), 'sum(y*target)')


def normaliser(name, group, dtype, kind, shape, mode='train', x_scale=1.0, **options):
    return net(name, group, dtype, [node(kind, 'norm', **options)],
               numbers(*shape, scale=x_scale), numbers(*shape), 'sum(y*target)', mode)


def deep_normalised(name, group, dtype, kind, size, widths, batch):
    """linear, normaliser, tanh, .. linear: gradients that pass through normalisers. Biases before
    them have no gradient but rounding, and are left out."""
    model = []
    for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        last = i + 2 == len(widths)
        model.append(node('linear', f'fc{i}', in_features=inputs, out_features=outputs,
                          bias=last))
        if not last:
            width = outputs if size == 'num_features' else [outputs]
            model += [node(kind, f'norm{i}', **{size: width}),
                      node('tanh', f'act{i}')]
    return net(name, group, dtype, model, numbers(batch, widths[0]), classes(widths[-1], batch),
               'ce')


def residual(name, dtype, width, blocks, batch, outputs, act='tanh', scale=1.0):
    """Shortcuts around two linear layers; the last one begins at the input of the net."""
    model, before = [], 'x'
    for i in range(blocks):
        model += [node('linear', f'b{i}.fc1', [before], in_features=width, out_features=width),
                  node(act, f'b{i}.act'),
                  node('linear', f'b{i}.fc2', in_features=width, out_features=width),
                  node('add', f'b{i}', [before, f'b{i}.fc2'])]
        before = f'b{i}'
    model += [node('add', 'all', [before, 'x']),
              node('linear', 'fc', in_features=width, out_features=outputs)]
    return net(name, 'residual', dtype, model, numbers(batch, width), numbers(batch, outputs),
               scale=scale)


def embedding(name, dtype, shape, words, size, **options):
    model = [node('embedding', 'emb', num_embeddings=words, embedding_dim=size, **options)]
    return net(name, 'embedding', dtype, model, classes(words, *shape), numbers(*shape, size),
               'sum(y*target)')


def dropout(name, dtype, p, mode, widths, batch):
    model = [node('linear', 'in', in_features=widths[0], out_features=widths[1]),
             node('dropout', 'drop', p=p),
             node('linear', 'out', in_features=widths[1], out_features=widths[2])]
    return net(name, 'dropout', dtype, model, numbers(batch, widths[0]), numbers(batch, widths[2]),
               mode=mode)
