"""Groups recurrent and tbptt. PyTorch keeps the states of its layers to itself, so they are run
step by step here, and compared with PyTorch's layer."""
import torch
from torch import nn
from torch.nn import functional as F

from case import Case, net_loss

GATES = {'rnn_tanh': 1, 'rnn_relu': 1, 'lstm': 4, 'gru': 3}
WEIGHTS = ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh')


def held(ended, before, after):
    """A sequence that has ended keeps its state."""
    return after if ended is None else torch.where(ended, before, after)


def cell(kind, x, h, c, w, ended):
    """One step from PyTorch's equations; w: weight_ih, weight_hh, bias_ih, bias_hh or None."""
    a, b = F.linear(x, w[0], w[2]), F.linear(h, w[1], w[3])
    if kind == 'lstm':
        i, f, g, o = (a + b).chunk(4, 1)
        c = held(ended, c, torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g))
        return held(ended, h, torch.sigmoid(o) * torch.tanh(c)), c
    if kind == 'gru':
        (ar, az, an), (br, bz, bn) = a.chunk(3, 1), b.chunk(3, 1)
        z = torch.sigmoid(az + bz)
        n = torch.tanh(an + torch.sigmoid(ar + br) * bn)
        return held(ended, h, (1 - z) * n + z * h), None
    return held(ended, h, (torch.tanh if kind == 'rnn_tanh' else torch.relu)(a + b)), None


class Line:
    """One layer in one direction, step by step; every step has its own copies of the weights."""

    def __init__(self, kind, x, h, c, weights, lengths, reverse):
        T = x.shape[0]
        self.h, self.c, self.copies = [None] * T, [None] * T, [None] * T
        y = [None] * T
        for t in reversed(range(T)) if reverse else range(T):
            own = [w if w is None else w.clone() for w in weights]
            ended = None if lengths is None else (lengths <= t)[:, None]
            h, c = cell(kind, x[t], h, c, own, ended)
            y[t] = held(ended, torch.zeros_like(h), h)
            self.h[t], self.c[t], self.copies[t] = h, c, own
            for watched in [h, c, *own]:
                if watched is not None:
                    watched.retain_grad()
        self.y, self.last = torch.stack(y), (h, c)


def stacked(arrays, gradients=False):
    if gradients:
        arrays = [torch.zeros_like(a) if a.grad is None else a.grad for a in arrays]
    return torch.stack(arrays)


def draw_weights(case, kind, I, H, layers, D, bias, scale, recurrent_scale):
    """By PyTorch's names, layer by layer and direction by direction."""
    weights = {}
    for line in range(layers * D):
        end = f'l{line // D}' + ('_reverse' if line % D else '')
        rows, inputs = GATES[kind] * H, D * H if line >= D else I
        weights['weight_ih_' + end] = case.normal(rows, inputs, scale=scale * inputs ** -0.5)
        weights['weight_hh_' + end] = case.normal(rows, H, scale=recurrent_scale * H ** -0.5)
        if bias:
            weights['bias_ih_' + end] = case.normal(rows, scale=0.3)
            weights['bias_hh_' + end] = case.normal(rows, scale=0.3)
    return {n: case.input('param.rnn.' + n, w) for n, w in weights.items()}


def of_line(weights, line, D):
    end = f'l{line // D}' + ('_reverse' if line % D else '')
    return end, [weights.get(f'{what}_{end}') for what in WEIGHTS]


def agree(case, kind, x, starts, weights, layers, D, lengths, y, last):
    """The steps above against PyTorch's own layer."""
    H = y.shape[2] // D
    options = {'num_layers': layers, 'bidirectional': D == 2, 'bias': 'bias_ih_l0' in weights}
    if kind.startswith('rnn'):
        options['nonlinearity'] = kind[4:]
    layer = getattr(nn, kind[:3].upper() if kind != 'lstm' else 'LSTM')(x.shape[2], H, **options)
    layer = layer.to(case.dtype)
    for n, w in weights.items():
        getattr(layer, n).data = w.detach()
    given = x.detach()
    if lengths is not None:
        given = nn.utils.rnn.pack_padded_sequence(given, lengths, enforce_sorted=False)
    state = tuple(s.detach() for s in starts)
    theirs, state = layer(given, state if kind == 'lstm' else state[0])
    if lengths is not None:
        theirs, _ = nn.utils.rnn.pad_packed_sequence(theirs, total_length=x.shape[0])
    state = state if kind == 'lstm' else (state,)
    near = 1e-12 if case.dtype == torch.float64 else 1e-5
    for own, other in zip((y, *last), (theirs, *state)):
        assert (own - other).abs().max() <= near * (1 + other.abs().max())


def recurrent(name, dtype, kind, T, B, I, H, O, layers=1, bidirectional=False, bias=True,
              loss_kind='mse_all', lengths=None, scale=1.0, recurrent_scale=1.0, x_scale=1.0):
    case = Case(name, 'recurrent', dtype, kind=kind, T=T, B=B, I=I, H=H, O=O, layers=layers,
                bidirectional=bidirectional, bias=bias, loss_kind=loss_kind, layout='T,B,feature')
    D = 2 if bidirectional else 1
    x = case.input('input.x', case.normal(T, B, I, scale=x_scale))
    steps = (B,) if loss_kind.endswith('_last') else (T, B)
    target = case.whole(O, *steps) if loss_kind.startswith('ce') else case.normal(*steps, O)
    case.keep('input.target', target)
    if lengths is not None:
        lengths = torch.tensor(lengths)
        case.keep('input.lengths', lengths)
    starts = [case.input(f'input.{s}0', case.normal(layers * D, B, H))
              for s in ('hc' if kind == 'lstm' else 'h')]
    weights = draw_weights(case, kind, I, H, layers, D, bias, scale, recurrent_scale)
    head = {'weight': case.normal(O, D * H, scale=H ** -0.5), 'bias': case.normal(O)}
    head = {n: case.input('param.head.' + n, p) for n, p in head.items()}

    lines, below = [], x
    for layer in range(layers):
        for line in range(layer * D, (layer + 1) * D):
            c = starts[1][line] if kind == 'lstm' else None
            own = of_line(weights, line, D)[1]
            lines.append(Line(kind, below, starts[0][line], c, own, lengths, line % D))
        below = torch.cat([line.y for line in lines[-D:]], 2)
    logits = F.linear(below, head['weight'], head['bias'])
    loss = net_loss(loss_kind, logits, target, lengths)
    loss.backward()

    last = [torch.stack([line.last[s] for line in lines]) for s in range(len(starts))]
    agree(case, kind, x, starts, weights, layers, D, lengths, below, last)
    case.keep('loss', loss)
    case.keep('output.y', below)
    case.keep('output.logits', logits)
    case.keep_gradients({'input.x': x})
    case.keep_gradients({'param.rnn.' + n: w for n, w in weights.items()})
    case.keep_gradients({'param.head.' + n: p for n, p in head.items()})
    for s, start in enumerate(starts):
        case.keep(f'output.{"hc"[s]}_n', last[s])
        case.keep_gradients({f'input.{"hc"[s]}0': start})
    for i, line in enumerate(lines):
        end, own = of_line(weights, i, D)
        for s in range(len(starts)):
            states = line.c if s else line.h
            case.keep(f'state.{"hc"[s]}.{end}', stacked(states))
            case.keep(f'grad.state.{"hc"[s]}.{end}', stacked(states, True))
        for k, what in enumerate(WEIGHTS):
            if own[k] is not None:
                parts = stacked([copies[k] for copies in line.copies], True)
                case.keep(f'stepgrad.rnn.{what}_{end}', parts)
    return case


def tbptt(name, dtype, kind, V, E, H, T, B, chunks, lr, layers=1):
    case = Case(name, 'tbptt', dtype, kind=kind, V=V, E=E, H=H, T=T, B=B, layers=layers, lr=lr,
                chunks=chunks)
    emb = nn.Embedding(V, E)
    rnn = {'rnn_tanh': nn.RNN, 'lstm': nn.LSTM, 'gru': nn.GRU}[kind](E, H, layers)
    model = nn.ModuleDict({'emb': emb, 'rnn': rnn, 'head': nn.Linear(H, V)}).to(dtype)
    for n, p in model.named_parameters():
        p.data = case.normal(*p.shape, scale=0.5)
        case.keep('param.' + n, p)
    ids = case.whole(V, chunks * T + 1, B)
    case.keep('input.ids', ids)
    state, sgd = None, torch.optim.SGD(model.parameters(), lr=lr)
    for k in range(chunks):
        sgd.zero_grad()
        y, state = model['rnn'](model['emb'](ids[k * T:(k + 1) * T]), state)
        logits = model['head'](y)
        loss = net_loss('ce', logits, ids[k * T + 1:(k + 1) * T + 1])
        loss.backward()
        state = tuple(s.detach() for s in state) if kind == 'lstm' else state.detach()
        case.keep(f'chunk{k}.logits', logits)
        case.keep(f'chunk{k}.loss', loss)
        for n, p in model.named_parameters():
            case.keep(f'chunk{k}.grad.param.{n}', p.grad)
        sgd.step()
        for n, p in model.named_parameters():
            case.keep(f'chunk{k}.param_after.{n}', p)
    return case
