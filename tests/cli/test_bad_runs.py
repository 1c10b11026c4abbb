#!/usr/bin/env python3
"""Damaged runs, paths that cannot be written and disks that are full: one sentence that names the
path, exit status 3, and whatever was there before is unharmed. Prints TAP.

Usage: test_bad_runs.py WEIR
"""
import contextlib
import os
import pathlib
import resource
import shutil
import sys

from harness import Skip, case, fill, main, no_traces, refused, run, small_disk, weir
from samples import restore

COMMANDS = (['train', '-o', 'out'], ['doctor', '--no-trials'], ['flow'])


# --- runs ----------------------------------------------------------------------------------------

PARTS = ('config.yaml', 'run.db', 'checkpoint.safetensors', 'model.safetensors')
READERS = {'config.yaml': ('generate', 'resume'), 'run.db': ('flow', 'resume'),
           'checkpoint.safetensors': ('resume',), 'model.safetensors': ('generate',)}
DOING = {'generate': ['generate', 'copy', '-n', '5'], 'flow': ['flow', 'copy', '-q'],
         'resume': ['train', '--resume', 'copy', '--steps', '9', '-q']}


@contextlib.contextmanager
def copy():
    shutil.copytree('run', 'copy')
    try:
        yield pathlib.Path('copy')
    finally:
        shutil.rmtree('copy')


def damaged(name, content, *says, status=3):
    """content of None: the file is missing."""
    for doing in READERS[name]:
        with copy() as folder:
            (folder / name).unlink()
            if content is not None:
                (folder / name).write_bytes(content)
            refused(DOING[doing], status, f'copy/{name}', *says)


@case
def runs_with_damaged_files():
    whole = {name: pathlib.Path('run', name).read_bytes() for name in PARTS}
    for name in PARTS:
        for doing in READERS[name]:
            with copy() as folder:
                (folder / name).unlink()
                (folder / name).mkdir()
                refused(DOING[doing], 3, f'copy/{name}: ', 'irectory')
    damaged('config.yaml', None, 'is missing')
    damaged('config.yaml', b'', 'is empty', status=2)
    damaged('config.yaml', bytes(50), ':1:1: ', 'not YAML', status=2)
    damaged('config.yaml', whole['config.yaml'].replace(b'hidden_size', b'hiden_size'),
            'did you mean "hidden_size"?', status=2)
    damaged('checkpoint.safetensors', None, 'is missing')
    for name in PARTS[2:]:
        for size in (0, 7, 8, 9, 200):
            damaged(name, whole[name][:size], 'is not a safetensors file, or is cut off')
        for size in (len(whole[name]) // 2, len(whole[name]) - 1):
            damaged(name, whole[name][:size], 'cut off')
        damaged(name, bytes(len(whole[name])), 'is not a safetensors file')
        damaged(name, whole[name] + bytes(4), 'its header knows')
        damaged(name, whole[name][:8] + b'{"' + bytes(200) + whole[name][210:], 'not JSON')
        damaged(name, whole[name].replace(b'"F32"', b'"F16"', 1), 'the type F16')
        damaged(name, whole[name].replace(b'[15,5]', b'[5,15]', 1), 'is of another net', status=2)
        damaged(name, whole[name].replace(b'2.bias', b'2.tias', 1), 'is of another net', status=2)
    damaged('model.safetensors', whole['model.safetensors'].replace(b'"10 32', b'"x0 32', 1),
            'vocabulary is damaged')
    damaged('checkpoint.safetensors', whole['model.safetensors'], 'not a checkpoint')
    damaged('checkpoint.safetensors', whole['checkpoint.safetensors'].replace(
        b'"step":"4"', b'"step":"x"'), 'is damaged: its step')


@case
def damaged_databases():
    whole = pathlib.Path('run/run.db').read_bytes()
    for size in (100, 4095, 4096, 5000, 8192, len(whole) - 1):
        damaged('run.db', whole[:size], 'run.db: ')
    damaged('run.db', b'no database at all\n' * 300, 'not a database')
    with copy() as folder:
        for content, says in ((None, 'is missing'), (b'', 'is empty'), (b'x', 'cut off')):
            (folder / 'run.db').unlink()
            if content is not None:
                (folder / 'run.db').write_bytes(content)
            refused(DOING['flow'], 3, 'copy/run.db: ', says)
            (folder / 'run.db').touch()
        # what is not needed to go on is not missed: the run gets a new one
        (folder / 'run.db').unlink()
        weir(*DOING['resume'])
        weir(*DOING['flow'])
        weir(*DOING['generate'])


@case
def runs_that_are_none():
    refused(['generate', 'text.txt'], 3, 'text.txt: is a file; a run is a folder')
    refused(['train', '--resume', 'text.txt'], 3, 'text.txt: is a file; a run is a folder')
    refused(['flow', 'text.txt', '-q'], 2, 'text.txt:1:1: ', 'a configuration is a map')
    for doing, name in (('generate', 'config.yaml'), ('flow', 'run.db'), ('resume', 'config.yaml')):
        words = [word.replace('copy', 'nowhere') for word in DOING[doing]]
        refused(words, 3, 'nowhere: cannot')
        os.mkdir('nowhere')
        refused(words, 3, f'nowhere/{name}: is missing')
        os.rmdir('nowhere')
    with copy() as folder:
        shutil.rmtree('table', ignore_errors=True)
        weir('train', 'csv.yaml', '-o', 'table', '-q')
        refused(['generate', 'table'], 2, 'table/model.safetensors: is no text model')
        text = (folder / 'config.yaml').read_text()
        (folder / 'config.yaml').write_text(text.replace('seq_len', 'context: -3, seq_len'))
        refused(DOING['generate'], 2, 'copy/config.yaml:', 'context must be')


# --- output --------------------------------------------------------------------------------------

APPLY = ['doctor', 'sick.yaml', '--steps', '20', '--max-trials', '1', '--apply', '1', '-q']


def bound(size):
    """No file may grow beyond so many bytes, as on a disk that is full."""
    def before():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return before


@case
def paths_that_cannot_be_written():
    refused(['train', 'net.yaml', '-o', 'text.txt', '-q'], 3,
            'text.txt: exists and is not a folder')
    refused(['train', 'net.yaml', '-o', 'text.txt/a', '-q'], 3, 'text.txt', 'folder')
    refused(['train', 'net.yaml', '-o', '/proc/weir', '-q'], 3, '/proc/weir: cannot create')
    refused(['train', 'net.yaml', '-o', 'run', '-q'], 2, 'run: holds a run already', '--resume run')
    for path, why in (('nowhere/a.yaml', 'No such file'), ('folder', 'Is a directory'),
                      ('text.txt/a.yaml', 'Not a directory'), ('/proc/a.yaml', 'No such file')):
        refused([*APPLY, '-o', path], 3, f'{path}: cannot write: {why}', stdout=None)
    refused(['doctor', 'sick.yaml', '--steps', '20', '--no-trials', '--apply', '99', '-q'], 2,
            '--apply 99: there are ', stdout=None)


@case
def full_devices():
    refused([*APPLY, '-o', '/dev/full'], 3, '/dev/full: cannot write: No space left', stdout=None)
    assert pathlib.Path('/dev/full').is_char_device()
    with open('/dev/full', 'w') as full:
        for more in ([], ['--json']):
            done = weir(*APPLY, '-o', 'unheard.yaml', *more, status=3, stdout=full)
            assert done.err == 'weir: stdout: cannot write: No space left on device\n', done.err
            assert not os.path.exists('unheard.yaml')


@case
def no_space_for_what_the_doctor_writes():
    for size in (0, 100):
        refused([*APPLY, '-o', 'cure.yaml'], 3, 'cure.yaml: cannot write: File too large',
                stdout=None, preexec_fn=bound(size))
    weir(*APPLY, '-o', 'cure.yaml', status=1)
    kept = pathlib.Path('cure.yaml').read_bytes()
    weir('flow', 'cure.yaml', '--steps', '1', '-q')
    refused([*APPLY, '-o', 'cure.yaml'], 3, 'cure.yaml: cannot write: File too large', stdout=None,
            preexec_fn=bound(len(kept) - 1))
    page = resource.getpagesize()
    with small_disk(16 * page) as disk:
        filler = fill(disk, page)
        for before in (False, True):
            refused([*APPLY, '-o', 'disk/cure.yaml'], 3, 'disk/cure.yaml: cannot write: No space',
                    stdout=None)
            if not before:
                filler.write_bytes(b'')
                weir(*APPLY, '-o', 'disk/cure.yaml', status=1)
                fill(disk, page)


@case
def no_space_for_a_run():
    """However early space ends: either there is no run, or what there is of it is sound."""
    largest = max(p.stat().st_size for p in pathlib.Path('run').iterdir())
    for size in (0, 50, 300, 2000, 5000, 20000, largest - 1):
        done = run('train', 'net.yaml', '-o', 'tight', '-q', preexec_fn=bound(size))
        if done.returncode == 0:
            assert size > 5000, size  # nothing reached the bound: the journal was shorter
        else:
            assert done.returncode == 3 and done.err.startswith('weir: tight/'), (size, done.err)
            assert 'cannot write' in done.err and done.err.count('\n') == 1, done.err
        if os.path.exists('tight'):
            no_traces('tight')
            weir('flow', 'tight', '-q')
            shutil.rmtree('tight')


@case
def no_space_to_go_on():
    safe = ('config.yaml', 'checkpoint.safetensors', 'model.safetensors')
    for size in (0, 50, 1000, pathlib.Path('run/checkpoint.safetensors').stat().st_size - 1):
        with copy() as folder:
            refused(DOING['resume'], 3, 'copy/', stdout=None, preexec_fn=bound(size),
                    changes=('copy/run.db', 'copy/config.yaml'))
            no_traces(folder)
            for name in safe[1:]:
                assert (folder / name).read_bytes() == pathlib.Path('run', name).read_bytes(), name
            weir('flow', 'copy', '-q')
            weir('generate', 'copy', '-n', '3')
            weir(*DOING['resume'])
            for name in safe[1:]:
                whole = pathlib.Path('longer', name).read_bytes()
                assert (folder / name).read_bytes() == whole, name


@case
def files_of_somebody_else():
    if os.getuid() != 0:
        raise Skip('needs root, to become nobody')
    os.chmod('.', 0o755)

    def nobody():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    try:
        weir('--version', preexec_fn=nobody)
    except (AssertionError, OSError):
        raise Skip('nobody may not start this program') from None
    refused(['train', 'net.yaml', '-o', 'out', '-q'], 3, 'out: cannot create', preexec_fn=nobody)
    refused(['train', 'net.yaml', '-q'], 3, 'runs: cannot create', preexec_fn=nobody)
    refused([*APPLY, '-o', 'new.yaml'], 3, 'new.yaml: cannot write: Permission denied', stdout=None,
            preexec_fn=nobody)
    refused(['train', '--resume', 'run', '--steps', '9', '-q'], 3, 'run/run.db: cannot',
            preexec_fn=nobody)
    os.chmod('text.txt', 0)
    for command in COMMANDS:
        refused([*command, 'net.yaml', '-q'], 3, 'text.txt: cannot open: Permission denied',
                preexec_fn=nobody)
    os.chmod('text.txt', 0o644)


def prepare():
    os.mkdir('folder')
    restore()
    weir('train', 'net.yaml', '-o', 'run', '-q')
    weir('train', 'net.yaml', '-o', 'longer', '--steps', '9', '-q')


if __name__ == '__main__':
    sys.exit(main(prepare))
