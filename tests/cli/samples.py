"""Small sound files of every format the command reads, for tests that damage them."""
import gzip
import pathlib
import struct

TEXT = 'the cat sat on the mat. it was a good mat, said the cat.\n' * 8
NET = """\
data: {kind: text, path: text.txt, seq_len: 6, batch_size: 3}
model:
  - embedding: {embedding_dim: 4}
  - gru: {hidden_size: 5}
  - linear: {}
train:
  loss: cross_entropy
  optimizer: {adam: {lr: 0.01}}
  clip_grad_norm: {max_norm: 1}
  steps: 4
"""
# a sick net, so that the doctor has something to apply
SICK = ('data: {kind: xor}\nmodel:\n' + '  - linear: {out_features: 4}\n  - sigmoid\n' * 6 +
        '  - linear: {}\ntrain: {loss: bce_with_logits, optimizer: {sgd: {lr: 0.1}}, steps: 20}\n')


def table(data, loss='mse'):
    """A configuration for the data of a table."""
    return f'data: {data}\nmodel: [linear: {{}}]\ntrain: {{loss: {loss}, steps: 2}}\n'


CSV = table('{kind: csv, path: t.csv, target: y}')
NPY = table('{kind: npy, x: x.npy, y: y.npy}', 'cross_entropy')
IDX = table('{kind: idx, images: images, labels: labels, as: flat}', 'cross_entropy')


def npy(descr='<f4', shape=(6, 2), numbers=None, order=False):
    numbers = struct.pack('<12f', *range(12)) if numbers is None else numbers
    words = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    words += b' ' * (-(11 + len(words)) % 64) + b'\n'
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(words)) + words + numbers


def labels(*numbers):
    """Class numbers as npy."""
    return npy('<i8', (len(numbers),), struct.pack(f'<{len(numbers)}q', *numbers))


def idx(dims, numbers):
    return struct.pack(f'>4B{len(dims)}I', 0, 0, 8, len(dims), *dims) + bytes(numbers)


ROWS = ''.join(f'{i},{i * i % 7},{i % 3}\n' for i in range(12))
SOUND = {
    'text.txt': TEXT.encode(),
    't.csv': b'a,b,y\n' + ROWS.encode(),
    'x.npy': npy(),
    'y.npy': labels(0, 1, 2, 0, 1, 2),
    'images': idx((6, 2, 2), range(24)),
    'labels': idx((6,), (0, 1, 2, 0, 1, 2)),
    'images.gz': gzip.compress(idx((6, 2, 2), range(24)), mtime=0),
    'net.yaml': NET.encode(),
    'sick.yaml': SICK.encode(),
    'csv.yaml': CSV.encode(),
    'npy.yaml': NPY.encode(),
    'idx.yaml': IDX.encode(),
    'packed.yaml': IDX.replace('images: images', 'images: images.gz').encode(),
}


def restore(*names):
    """Makes these files, or all, sound again."""
    for name in names or SOUND:
        pathlib.Path(name).write_bytes(SOUND[name])
