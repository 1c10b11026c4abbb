"""What the tests of the command share: running it, judging what it says, and TAP."""
import contextlib
import ctypes
import os
import pathlib
import subprocess
import sys
import tempfile

WEIR = os.path.abspath(sys.argv[1])
TESTS = []
# a request too large for the address sanitizer is to fail as it does without one
os.environ['ASAN_OPTIONS'] = os.environ.get('ASAN_OPTIONS', '') + ':allocator_may_return_null=1'
SANITIZER = ('ERROR: AddressSanitizer', 'ERROR: LeakSanitizer', 'runtime error:')
NOISE = 'WARNING: AddressSanitizer failed to allocate'


def case(test):
    TESTS.append(test)
    return test


class Skip(Exception):
    """This machine cannot make the situation."""


def run(*words, **more):
    """Runs the command; .returncode, .out and .err tell what came of it."""
    done = subprocess.run([WEIR, *words], stderr=subprocess.PIPE, timeout=120,
                          **{'stdout': subprocess.PIPE, **more})
    err = done.stderr.decode(errors='replace')
    done.out = done.stdout.decode(errors='replace') if done.stdout is not None else ''
    done.err = ''.join(line for line in err.splitlines(True) if NOISE not in line)
    assert not any(word in err for word in SANITIZER), f'{words}: {err}'
    return done


def weir(*words, status=0, **more):
    """The same; its exit status must be the one expected."""
    done = run(*words, **more)
    assert done.returncode == status, f'{words}: status {done.returncode}\n{done.err}'
    return done


def says(done, *words):
    for word in words:
        assert word in done.err, f'"{word}" is not in: {done.err}'
    assert done.err.count('\n') <= 3, f'more than a sentence: {done.err}'


def files():
    """Every file below this folder, byte for byte; folders and pipes by their name alone."""
    return {str(p): p.read_bytes() if p.is_file() else None
            for p in pathlib.Path('.').rglob('*') if not p.name.startswith('run.db-')}


def refused(words, status, *says, stdout='', changes=(), **more):
    """One sentence on stderr, nothing on stdout, no file that was not there before."""
    before = files()
    done = weir(*words, status=status, **more)
    assert done.err.startswith('weir: ') and done.err.count('\n') == 1, done.err
    for word in says:
        assert word in done.err, f'{words}: "{word}" is not in: {done.err}'
    assert stdout is None or done.out == stdout, f'{words}: {done.out}'
    after = files()
    for path in changes:
        before.pop(path, None)
        after.pop(path, None)
    different = [p for p in before.keys() | after.keys() if before.get(p) != after.get(p)]
    assert before.keys() == after.keys() and not different, f'{words}: {different}'
    return done


def no_traces(folder):
    left = [p.name for p in pathlib.Path(folder).iterdir() if p.name.endswith('.tmp')]
    assert not left, left


@contextlib.contextmanager
def small_disk(size):
    """A file system of so many bytes, where this user may mount one."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.mkdir('disk')
    try:
        if libc.mount(b'tmpfs', b'disk', b'tmpfs', 0, f'size={size}'.encode()) != 0:
            raise Skip(f'no small file system: {os.strerror(ctypes.get_errno())}')
        try:
            yield 'disk'
        finally:
            libc.umount2(b'disk', 2)
    finally:
        os.rmdir('disk')


def fill(disk, page):
    """Until nothing fits any more; returns the file to remove for room."""
    filler = pathlib.Path(disk, 'filler')
    with open(filler, 'ab', buffering=0) as out, contextlib.suppress(OSError):
        while out.write(bytes(page)):
            pass
    return filler


def main(prepare):
    """All cases, in a folder of their own which `prepare` furnishes."""
    os.environ['LC_ALL'] = 'C.UTF-8'
    failed = 0
    print(f'1..{len(TESTS)}')
    with tempfile.TemporaryDirectory(prefix='weir-cli-') as folder:
        os.chdir(folder)
        prepare()
        for number, test in enumerate(TESTS, 1):
            name = test.__name__
            try:
                test()
                print(f'ok {number} - {name}', flush=True)
            except Skip as reason:
                print(f'ok {number} - {name} # SKIP {reason}', flush=True)
            except Exception as problem:  # a test that breaks has failed
                failed += 1
                lines = f'{type(problem).__name__}: {problem}'.splitlines()
                print(f'not ok {number} - {name}', *(f'# {line}' for line in lines), sep='\n',
                      flush=True)
        os.chdir('/')
    return 1 if failed else 0
