#!/usr/bin/env python3
"""Bad input: every command refuses it with one sentence that says what is wrong and where, with the
right exit status, and changes no file. Prints TAP.

Usage: test_bad_input.py WEIR [brief]     brief: each input to one command only, by turns
"""
import gzip
import itertools
import os
import pathlib
import struct
import sys

from harness import case, main, refused
from samples import CSV, IDX, NET, NPY, SOUND, idx, labels, npy, restore, table

BRIEF = 'brief' in sys.argv
COMMANDS = (['train', '-o', 'out'], ['doctor', '--no-trials'], ['flow'])
turns = itertools.cycle(COMMANDS)


def everywhere(path, status, *says):
    """All commands that read a configuration say the same of it."""
    for command in [next(turns)] if BRIEF else COMMANDS:
        refused([*command, path, '-q'], status, *says)


def config(text, *says, status=2):
    pathlib.Path('bad.yaml').write_bytes(text if isinstance(text, bytes) else text.encode())
    everywhere('bad.yaml', status, *says)


def changed(old, new, *says, status=2):
    assert NET.count(old) == 1, old
    config(NET.replace(old, new), *says, status=status)


def data(text, content, *says, status=3):
    """content: {file: bytes}; the files are sound again afterwards."""
    for name, written in content.items():
        pathlib.Path(name).write_bytes(written if isinstance(written, bytes) else written.encode())
    config(text, *says, status=status)
    restore(*(name for name in content if name in SOUND))


# --- configurations ------------------------------------------------------------------------------

@case
def unknown_keys():
    config('modle: []\n' + NET, 'bad.yaml:1:1: ', '"modle"', 'did you mean "model"?')
    changed('seq_len', 'seqlen', 'bad.yaml:1:36: ', '"seqlen"', 'did you mean "seq_len"?')
    changed('hidden_size', 'hiden_size', 'bad.yaml:4:11: ', 'did you mean "hidden_size"?')
    changed('  steps', '  stpes', 'bad.yaml:10:3: ', 'did you mean "steps"?')
    changed('lr:', 'lrr:', 'bad.yaml:8:22: ', 'did you mean "lr"?')
    changed('max_norm', 'maxnorm', 'bad.yaml:9:20: ', 'did you mean "max_norm"?')
    changed('gru:', 'gruu:', 'bad.yaml:4:5: ', 'layer "gruu"', 'did you mean "gru"?')
    changed('adam:', 'adm:', 'bad.yaml:8:', 'optimizer "adm"', 'did you mean "adam"?')
    changed('cross_entropy', 'cross_entropi', 'bad.yaml:7:3: ', 'did you mean "cross_entropy"?')
    changed('kind: text', 'kind: txt', 'bad.yaml:1:8: ', 'did you mean "text"?')
    changed('linear: {}', 'linear: {init: {wieght: zeros}}', 'bad.yaml:5:14: ', '"wieght"')
    changed('linear: {}', 'linear: {from: nobody}', 'bad.yaml:5:5: ', 'no earlier node "nobody"')
    changed('steps: 4', 'zzzzzzzz: 4', 'bad.yaml:10:3: ', 'there are: steps, epochs')
    changed('{adam: {lr: 0.01}}', 'q', 'unknown optimizer "q"; there are: sgd')
    config(table('{kind: csv, path: t.csv, target: z}'), 'bad.yaml:1:32: ',
           'column "z"; there are: a, b, y')
    config(table('{kind: xor, clases: true}'), 'did you mean "classes"?')
    pathlib.Path('bad.yaml').write_text(NET + 'doctor: {stesp: 3}\n')
    refused(['doctor', 'bad.yaml'], 2, 'bad.yaml:11:10: ', 'did you mean "steps"?')
    for command in COMMANDS:
        refused([*command, 'net.yaml', '--set', 'train.stpes=3'], 2, 'did you mean "steps"?')
        refused([*command, 'net.yaml', '--set', 'model.7.gru.bias=true'], 2, 'there is no "7"')
        refused([*command, 'net.yaml', '--set', 'train.steps='], 2,
                'train.steps: a value is needed')
        refused([*command, 'net.yaml', '--stpes', '3'], 2, '--stpes')
    changed('linear: {}', 'linear: {init: {foo: 1}}', 'bad.yaml:5:21: ', 'initialiser "foo"')
    changed('linear: {}', 'linear: {init: {zeros: {}, bias: ones}}', '"weight: zeros"')


@case
def too_few_outputs():
    changed('linear: {}', 'linear: {out_features: 3}', 'bad.yaml:7:3: ', 'classes',
            'only 3 outputs')
    config(NPY.replace('linear: {}', 'linear: {out_features: 2}'), 'bad.yaml:3:',
           'have 3 classes', 'only 2 outputs')


@case
def wrong_types():
    changed('hidden_size: 5', 'hidden_size: many', 'bad.yaml:4:11: ', 'a whole number, not "many"')
    changed('hidden_size: 5', 'hidden_size: 5.5', 'a whole number, not "5.5"')
    changed('hidden_size: 5', 'hidden_size: [1, 2]', 'a whole number, not "[1, 2]"')
    changed('hidden_size: 5', 'hidden_size: {a: 1}', 'bad.yaml:4:11: ', 'not a map')
    changed('{hidden_size: 5}', '[5]', 'bad.yaml:4:5: ', 'a list stands where a map')
    changed('{hidden_size: 5}', '5', 'bad.yaml:4:5: ', '"5" stands where a map')
    changed('{max_norm: 1}', '[1]', 'bad.yaml:9:3: ', 'a list stands where a map')
    changed('{max_norm: 1}', 'much', 'bad.yaml:9:3: ', 'must be a number, not "much"')
    changed('lr: 0.01', 'lr: .nan', 'bad.yaml:8:22: ', 'lr must be a number')
    changed('{adam: {lr: 0.01}}', '[adam]', 'bad.yaml:8:3: ', 'one name')
    changed('{adam: {lr: 0.01}}', '', 'bad.yaml:8:3: ', 'unknown optimizer ""; there are: ')
    changed('path: text.txt', 'path: [text.txt]', 'bad.yaml:1:20: ', 'not a list')
    changed('linear: {}', 'linear: {name: [a]}', 'bad.yaml:5:14: ', 'name is one word')
    changed('seq_len', 'carry_state: perhaps, seq_len', 'must be true or false, not "perhaps"')
    changed('seq_len', 'unit: word, seq_len', 'must be one of char|byte, not "word"')
    config(NET + '  penalties: [l2]\n', 'bad.yaml:11:3: ', 'a list stands where a map')
    config(NET + '  penalties: l2\n', 'bad.yaml:11:3: ', '"l2" stands where a map')
    config(NET.split('train:')[0] + 'train: [a, b]\n', 'bad.yaml:6:1: ', 'a list stands')
    config(NET.split('train:')[0] + 'train: soon\n', 'bad.yaml:6:1: ', '"soon" stands')
    config('data: [a]\nmodel: [linear: {}]\ntrain: {loss: mse}\n', 'bad.yaml:1:1: ', 'a map "data"')
    config('- a\n- b\n', 'bad.yaml:1:1: ', 'is a map with the keys')
    config('soon\n', 'bad.yaml:1:1: ', 'is a map with the keys')
    config(table('{kind: xor}').replace('[linear: {}]', '{linear: {}}'), 'bad.yaml:2:1: ',
           'a list of layers')
    for command in COMMANDS:
        refused([*command, 'net.yaml', '--steps', 'many'], 2, '--steps', '"many"')
        refused([*command, 'net.yaml', '--seed', '1e300'], 2, '--seed must be at most')
        refused([*command, 'net.yaml', '--steps', '2.5'], 2, '--steps must be a whole number')
        refused([*command, 'net.yaml', '--set', 'train.lr=much'], 2,
                'net.yaml: train.lr: ')
    refused(['doctor', 'sick.yaml', '--apply', 'all'], 2, '--apply', '"all"')


@case
def what_does_not_fit():
    """Data, layers and losses that are each right, and not together."""
    config(table('{kind: xor}').replace('[linear: {}]', '[embedding: {embedding_dim: 3}]'),
           'bad.yaml:2:9: ', 'looks up ids')
    config('data: {kind: adding, seq_len: 9, n: 64}\nmodel: [rnn: {hidden_size: 4}, linear: {}]\n'
           'train: {loss: mse}\n', 'bad.yaml:3:9: ', 'but the targets are', 'output: last')
    pathlib.Path('bad.yaml').write_text(NET.replace('steps: 4', 'steps: 0'))
    refused(['doctor', 'bad.yaml'], 2, 'bad.yaml:10:3: ', 'nothing to see')


@case
def out_of_range():
    changed('hidden_size: 5', 'hidden_size: 0', 'bad.yaml:4:11: ', 'at least 1, not 0')
    changed('hidden_size: 5', 'hidden_size: -3', 'at least 1, not -3')
    changed('hidden_size: 5', 'hidden_size: 1e300', 'between 1 and 9e+15, not 1e300')
    changed('lr: 0.01', 'lr: -1', 'bad.yaml:8:22: ', 'at least 0, not -1')
    changed('seq_len', 'validation: 2, seq_len', 'bad.yaml:1:36: ', 'between 0 and 0.9, not 2')
    # sizes that no memory holds, or no size_t
    changed('hidden_size: 5', 'hidden_size: 9e15', 'bad.yaml:4:5: gru: out of memory', status=3)
    changed('embedding_dim: 4', 'embedding_dim: 4503599627370496',
            'no memory for the 1441151880', 'make its layers smaller', status=3)
    config(NET.replace('embedding_dim: 4', 'embedding_dim: 4096').replace(
        '  - gru: {hidden_size: 5}\n', '').replace(
            'linear: {}', 'linear: {out_features: 4503599627370496, bias: false}'),
           'bad.yaml:4:5: linear: out of memory', status=3)


@case
def what_is_no_configuration():
    config('', 'bad.yaml: is empty')
    config('# nothing\n', 'bad.yaml: is empty')
    config(bytes(300), 'bad.yaml:1:1: ', 'not YAML')
    config(NET.encode() + b'\0\0', 'bad.yaml:11:1: ', 'not YAML')
    config(NET.encode() + b'name: \xff\xfe\n', 'bad.yaml:11:7: ', 'not YAML')
    changed('loss: cross_entropy', 'loss: "mse\\0"', 'bad.yaml:7:9: ', 'NUL')
    config(NET + '"data\\0x": {}\n', 'bad.yaml:11:1: ', 'NUL')
    changed('  - gru', '\t- gru', 'bad.yaml:4:1: ', 'not YAML: a tab')
    changed('  - gru', '  -gru', 'bad.yaml:4:1: ', 'not YAML: a dash')
    config(NET + 'train: {}\n', 'bad.yaml:11:1: ', '"train" stands here twice')
    config('[' * 3000, 'bad.yaml:1:66: ', 'too deeply')
    config(NET[:-5], 'bad.yaml:11:1: ', 'not YAML')
    changed('loss: cross_entropy', 'loss: "a\\x1b[31m\\nb"', 'unknown loss "a?[31m?b"')
    everywhere('gone.yaml', 3, 'gone.yaml: cannot open: No such file')
    everywhere('text.txt/net.yaml', 3, 'text.txt/net.yaml: cannot open: Not a directory')
    for command in COMMANDS[:2]:
        refused([*command, 'folder'], 3, 'folder: is a directory')
    refused(['flow', 'folder'], 3, 'folder/run.db: is missing')
    os.mkfifo('pipe')
    everywhere('pipe', 3, 'pipe: is not a regular file')
    os.unlink('pipe')


# --- data ----------------------------------------------------------------------------------------

@case
def missing_empty_and_folders():
    kinds = {'text.txt': NET, 't.csv': CSV, 'x.npy': NPY, 'y.npy': NPY, 'images': IDX,
             'labels': IDX}
    empty = {'text.txt': 'is empty', 't.csv': 'has no rows', 'x.npy': 'not an npy file',
             'y.npy': 'not an npy file', 'images': 'cut off', 'labels': 'cut off'}
    for name, text in kinds.items():
        data(text, {name: b''}, f'{name}: ', empty[name])
        os.rename(name, 'kept')
        config(text, 'bad.yaml:', f': {name}: cannot open: No such file', status=3)
        os.mkdir(name)
        config(text, 'bad.yaml:', f': {name}: is a directory', status=3)
        os.rmdir(name)
        os.mkfifo(name)
        config(text, 'bad.yaml:', f': {name}: is not a regular file', status=3)
        os.unlink(name)
        os.rename('kept', name)


@case
def sequences_longer_than_the_text():
    changed('seq_len: 6', 'seq_len: 5000', 'bad.yaml:1:36: ', 'set seq_len to ', '456 symbols')
    changed('seq_len: 6', 'context: 5000', 'bad.yaml:1:36: ', 'set context to ')
    changed('batch_size: 3', 'batch_size: 5000', 'bad.yaml:1:20: ', 'take a longer text')
    data(NET, {'text.txt': 'abcd'}, 'bad.yaml:1:36: ', 'the text has 4 symbols', status=2)
    config(table('{kind: csv, path: t.csv, seq_len: 50}'), 'bad.yaml:1:32: ', '12 rows',
           'a window of 50 rows')
    data(NET, {'text.txt': b'abc\xff\xfe' * 90}, 'text.txt: byte 3 (0xff)', 'unit: byte')


@case
def tables():
    for cell, says in (('nan', '"nan" is not a finite number'), ('-inf', '"-inf" is not a finite'),
                       ('1e999', '"1e999" is not a finite'), ('', 'this cell is empty'),
                       ('x y', '"x y" is not a number'), ('0x10', '"0x10" is not a number'),
                       ('1\0', 'is not a number'), ('"1"2', 'delimiter'), ('"1', 'not closed')):
        column = 6 if cell == '"1"2' else 3  # what is wrong there stands behind the quote
        data(CSV, {'t.csv': f'a,b,y\n1,2,3\n4,{cell},5\n'}, f't.csv:3:{column}: ', says)
    data(CSV, {'t.csv': 'a,b,y\n1,2,3\n1,2,nan\n'}, 't.csv:3:5: ', '"nan"')
    data(CSV, {'t.csv': 'a,b,y\n1,2\n'}, 't.csv:2: has 2 cells', 'have 3')
    data(CSV, {'t.csv': 'a,b,y\n1,2,3\n\n1,2,3,4\n'}, 't.csv:4: has 4 cells', 'have 3')
    data(CSV, {'t.csv': 'a,b,y\n'}, 't.csv: has no row of data')
    data(CSV, {'t.csv': '\n\n'}, 't.csv: has no rows')
    classes = table('{kind: csv, path: t.csv, target: y}', 'cross_entropy')
    data(classes, {'t.csv': 'a,y\n1,cat\n2,\n'}, 't.csv:3:3: ', 'a class is needed')
    shares = table('{kind: csv, path: t.csv, target: y}', 'bce_with_logits')
    data(shares, {'t.csv': 'a,y\n1,0\n2,1.5\n3,1\n'}, 't.csv:3:3: the target is 1.5',
         'from 0 to 1', status=2)
    scaled = table('{kind: csv, path: t.csv, target: y, normalize_target: standardize}',
                   'bce_with_logits')
    data(scaled, {'t.csv': 'a,y\n1,0\n2,1.5\n3,1\n'}, 't.csv: the target [', 'from 0 to 1',
         status=2)
    config('data: {kind: adding, seq_len: 5, batch_size: 64}\n'
           'model: [rnn: {hidden_size: 2, output: last}, linear: {}]\n'
           'train: {loss: bce_with_logits}\n',
           'bad.yaml:3:9: a target of this data is 1.', 'from 0 to 1')
    rows = 'data: {kind: inline, x: [[1], [.nan]],\n  y: [[1], [2]]}\nmodel: [linear: {}]\n'
    config(rows + 'train: {loss: mse}\n', 'bad.yaml:1:32: ', '.nan is not a finite number')
    config(rows.replace('[.nan]', '[1, 2]') + 'train: {loss: mse}\n', 'bad.yaml:1:31: ', '2 items')


@case
def numpy_files():
    whole = SOUND['x.npy']
    for size in (1, 5, 6, 9):
        data(NPY, {'x.npy': whole[:size]}, 'x.npy: is not an npy file')
    for size in (10, 11, 40, 100, 127):
        data(NPY, {'x.npy': whole[:size]}, 'x.npy: is cut off inside its header')
    for size in (128, 129, 150, len(whole) - 1):
        data(NPY, {'x.npy': whole[:size]}, 'x.npy: is cut off: ', f'the {size - 128} bytes')
    data(NPY, {'y.npy': SOUND['y.npy'][:-1]}, 'y.npy: is cut off: ', 'the 47 bytes')
    for descr in ('<c8', '<f2', '|O', '<U4', '<u8', '<M8[s]'):
        data(NPY, {'x.npy': npy(descr)}, 'x.npy: ', f'"{descr}"', "astype('float32')")
    data(NPY, {'x.npy': npy(order=True)}, 'x.npy: is in Fortran order')
    data(NPY, {'x.npy': npy(shape=(2**32, 2**32))}, 'x.npy: is cut off')
    data(NPY, {'x.npy': npy(shape=(2, 2))}, 'bad.yaml:1:', 'x has 2 examples, but y has 6',
         status=2)
    nan = struct.pack('<12f', *[0] * 5, float('nan'), *[0] * 6)
    data(NPY, {'x.npy': npy(numbers=nan)}, 'x.npy: x[2, 1] is nan, not a finite number')
    for number in (-1, 1000000, 2**31 - 2):
        data(NPY, {'y.npy': labels(0, number, 0, 0, 0, 0)}, f'y.npy: the target [1] is {number}, ')
    mse = NPY.replace('cross_entropy', 'mse')
    data(mse, {'y.npy': npy(numbers=nan)}, 'y.npy: y[2, 1] is nan')
    data(mse.replace('x: x.npy, y: y.npy', 'path: a.npz'), {'a.npz': b'PK\3\4' + bytes(60)},
         'a.npz: ')


@case
def idx_files():
    whole, packed = SOUND['images'], SOUND['images.gz']
    for size in (1, 3, 4, 8, 15):
        data(IDX, {'images': whole[:size]}, 'images: is cut off')
    for size in (16, 17, len(whole) - 1):
        data(IDX, {'images': whole[:size]}, f'images: has {size - 16} bytes',
             'promises 24', 'cut off')
    data(IDX, {'images': whole + b'x'}, 'images: has 25 bytes', 'promises 24')
    data(IDX, {'images': b'\1' + whole[1:]}, 'images: is not an idx file')
    data(IDX, {'images': idx((2**32 - 1,) * 3, range(8))}, 'images: has 8 bytes')
    data(IDX, {'labels': SOUND['labels'][:-2]}, 'labels: has 4 bytes', 'promises 6')
    data(IDX, {'labels': idx((5,), range(5))}, 'labels: 6 labels are needed')
    for size in (2, 3, 9, 10, 15, len(packed) - 9, len(packed) - 8, len(packed) - 1):
        data(IDX, {'images': packed[:size]}, 'images: is cut off or damaged')
    crc = packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:]
    middle = packed[:20] + bytes([packed[20] ^ 0xff]) + packed[21:]
    bomb = gzip.compress(idx((2**32 - 1,) * 3, range(8)), mtime=0)
    for damaged in (crc, middle, packed + b'tail', bomb):
        data(IDX, {'images': damaged}, 'images: is cut off or damaged')


def prepare():
    os.mkdir('folder')
    restore()


if __name__ == '__main__':
    sys.exit(main(prepare))
