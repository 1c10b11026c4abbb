#!/usr/bin/env python3
"""The catalogues: po/POTFILES lists every source with sentences and no other, and each language of
po/LINGUAS has a catalogue that msgfmt finds right.

Sentences that are not translated yet appear in English; their number is told, and no failure.
Prints each fault; exit status 1 if there is one. Usage: catalogues.py PROJECT
"""
import os
import pathlib
import re
import subprocess
import sys

SENTENCE = re.compile(r'\bN?_\(\s*"')


def words(path):
    lines = path.read_text().splitlines()
    return [word for line in lines if not line.startswith('#') for word in line.split()]


def potfiles(root):
    listed = words(root / 'po/POTFILES')
    sources = [path for folder in ('src', 'include') for path in (root / folder).rglob('*.[ch]')]
    speaking = {str(path.relative_to(root)) for path in sources
                if SENTENCE.search(path.read_text())}
    yield from (f'{path}: has sentences, and is not in po/POTFILES'
                for path in sorted(speaking - set(listed)))
    yield from (f'po/POTFILES: {path} has no sentences' for path in sorted(set(listed) - speaking))
    if listed != sorted(set(listed)):
        yield 'po/POTFILES: is not sorted, or has a line twice'


def languages(root):
    listed = words(root / 'po/LINGUAS')
    there = sorted(path.stem for path in (root / 'po').glob('*.po'))
    if sorted(listed) != there:
        yield f'po/LINGUAS: lists {listed}, and there are {there}'
    for language in there:
        done = subprocess.run(
            ['msgfmt', '--check', '--statistics', '-o', os.devnull, f'{language}.po'],
            cwd=root / 'po', capture_output=True, text=True, env={**os.environ, 'LC_ALL': 'C'})
        if done.returncode:
            yield done.stderr.strip()
        else:
            print(f'{language}: {done.stderr.strip()}')


def main():
    root = pathlib.Path(sys.argv[1])
    found = [*potfiles(root), *languages(root)]
    print('\n'.join(found) if found else 'the catalogues are right')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
