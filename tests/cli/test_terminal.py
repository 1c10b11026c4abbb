#!/usr/bin/env python3
"""What the command shows in a terminal, and in one that knows no escapes. Prints TAP.

Usage: test_terminal.py WEIR
"""
import fcntl
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import termios

from harness import WEIR, case, main

NET = """\
data: {kind: circles, n: 200, batch_size: 20}
model: [linear: {out_features: 8}, tanh, linear: {}]
train: {loss: cross_entropy, optimizer: {sgd: {lr: 0.1}}, steps: 300}
"""
ESCAPE = '\x1b['


def seen(*words, term='xterm', columns=80, **more):
    """All that a terminal is sent."""
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    environment = {**os.environ, 'TERM': term, **more}
    environment.pop('COLUMNS', None)
    with subprocess.Popen([WEIR, *words], stdin=inner, stdout=inner, stderr=inner,
                          env=environment) as process:
        os.close(inner)
        sent = b''
        while True:
            try:
                piece = os.read(outer, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            sent += piece
    os.close(outer)
    assert process.returncode in (0, 1), sent
    return sent.decode()


@case
def colours_and_a_line_that_is_written_over():
    shown = seen('doctor', 'net.yaml', '--no-trials')
    assert ESCAPE + '0m' in shown or ESCAPE + 'm' in shown, shown
    shown = seen('train', 'net.yaml')
    assert '\r' in shown.replace('\r\n', '\n')


@case
def no_escapes_where_they_would_be_seen():
    for more in ({'term': 'dumb'}, {'term': ''}):
        for words in (['doctor', 'net.yaml', '--no-trials'], ['train', 'net.yaml']):
            shown = seen(*words, **more).replace('\r\n', '\n')
            assert '\x1b' not in shown and '\r' not in shown, shown
    assert ESCAPE not in seen('doctor', 'net.yaml', '--no-trials', '-q', NO_COLOR='1')


@case
def lines_fit():
    for columns in (80, 100):
        shown = seen('doctor', 'net.yaml', '--no-trials', '-q', columns=columns)
        for line in re.sub(r'\x1b\[[0-9;]*m', '', shown).split('\r\n'):
            assert len(line) <= columns or line.startswith('    weir '), (columns, line)


def prepare():
    pathlib.Path('net.yaml').write_text(NET)


if __name__ == '__main__':
    sys.exit(main(prepare))
