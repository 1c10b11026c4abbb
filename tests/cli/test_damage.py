#!/usr/bin/env python3
"""Files damaged at random, a few hundred of them and always the same ones: whatever a file holds,
the command ends with a status of its own, never by a signal, and an error is one sentence. Prints
TAP.

Usage: test_damage.py WEIR [brief]     brief: a fifth of them
"""
import os
import pathlib
import random
import shutil
import sys

from harness import case, main, no_traces, run, weir
from samples import SOUND, restore

TURNS = 6 if 'brief' in sys.argv else 30
FLOW = ['flow', '--steps', '1', '-q']


def flip(draw, data):
    at = draw.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1:]


def scribble(draw, data):
    at = draw.randrange(len(data))
    some = bytes(draw.randrange(256) for _ in range(draw.randrange(1, 9)))
    return data[:at] + some + data[at + len(some):]


def cut(draw, data):
    return data[:draw.randrange(len(data))]


def swap(draw, data):
    """Two pieces change places."""
    a, b, c = sorted(draw.randrange(len(data) + 1) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def ends_well(words, named, damage):
    """named: words of which an error must hold one."""
    done = run(*words)
    what = f'{damage}: {words}: status {done.returncode}: {done.err}'
    assert 0 <= done.returncode <= 4, what
    if done.returncode in (2, 3):
        assert done.err.startswith('weir: ') and done.err.count('\n') == 1, what
        assert done.out == '' and any(name in done.err for name in named), what
    elif done.returncode == 0:
        assert done.err == '', what


def damage(name, words, *named, head=None, prepared=lambda: None):
    """head: damage is done to so many bytes from the beginning."""
    path = pathlib.Path(name)
    whole = path.read_bytes()
    for turn in range(TURNS):
        draw = random.Random(f'{name} {turn}')  # keyed by a string: the same everywhere
        how = (flip, cut, scribble, flip, swap)[turn % 5]
        prepared()
        path.write_bytes(how(draw, whole[:head]) + (whole[head:] if head and how != cut else b''))
        ends_well(words, named, f'{name}, turn {turn}, {how.__name__}')
        no_traces('.')
    path.write_bytes(whole)


@case
def texts_and_tables():
    damage('text.txt', [*FLOW, 'net.yaml'], 'text.txt: ', 'net.yaml:')
    damage('t.csv', [*FLOW, 'csv.yaml'], 't.csv:', 'csv.yaml:')


@case
def arrays():
    for name in ('x.npy', 'y.npy'):
        damage(name, [*FLOW, 'npy.yaml'], f'{name}: ', 'npy.yaml:', head=None)
    damage('x.npy', [*FLOW, 'npy.yaml'], 'x.npy: ', 'npy.yaml:', head=100)


@case
def pictures():
    for name in ('images', 'labels'):
        damage(name, [*FLOW, 'idx.yaml'], 'images: ', 'labels: ', 'idx.yaml:')
    damage('images', [*FLOW, 'idx.yaml'], 'images: ', 'labels: ', 'idx.yaml:', head=16)
    damage('images.gz', [*FLOW, 'packed.yaml'], 'images.gz: ', 'labels: ', 'packed.yaml:')


@case
def configurations():
    damage('net.yaml', [*FLOW, 'net.yaml'], 'net.yaml:', ': cannot open')
    damage('csv.yaml', ['doctor', '--no-trials', '--steps', '2', '-q', 'csv.yaml'], 'csv.yaml:',
           ': cannot open')


@case
def models():
    damage('run/model.safetensors', ['generate', 'run', '-n', '3'], 'run/')
    damage('run/model.safetensors', ['generate', 'run', '-n', '3'], 'run/', head=500)
    damage('run/config.yaml', ['generate', 'run', '-n', '3'], 'run/')


@case
def checkpoints_and_databases():
    shutil.copytree('run', 'sound')

    def fresh():
        shutil.rmtree('run')
        shutil.copytree('sound', 'run')
    going_on = ['train', '--resume', 'run', '--steps', '6', '-q']
    damage('run/checkpoint.safetensors', going_on, 'run/', prepared=fresh)
    damage('run/checkpoint.safetensors', going_on, 'run/', prepared=fresh, head=1500)
    damage('run/run.db', [*FLOW[:1], 'run', '-q'], 'run/run.db: ', prepared=fresh)
    damage('run/run.db', going_on, 'run/', prepared=fresh)


def prepare():
    assert 'net.yaml' in SOUND and os.listdir('.') == []
    restore()
    weir('train', 'net.yaml', '-o', 'run', '-q')


if __name__ == '__main__':
    sys.exit(main(prepare))
