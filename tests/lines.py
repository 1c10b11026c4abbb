#!/usr/bin/env python3
"""The measure of a page: no line of C or Python is longer than 100 columns.

Prints each line that is; exit status 1 if there is one. Usage: lines.py PROJECT
"""
import pathlib
import sys

WIDTH = 100
FOLDERS = ['src', 'include/weir', 'tests', 'bench', 'examples', 'tools']
SUFFIXES = {'.c', '.h', '.def', '.py', '.build', ''} # no suffix: scripts


def too_long(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob('*')):
            if path.suffix not in SUFFIXES or not path.is_file():
                continue
            for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
                if len(line) > WIDTH:
                    yield f'{path}:{number}: {len(line)} columns, at most {WIDTH} are wanted'


def main():
    found = list(too_long(pathlib.Path(sys.argv[1])))
    print('\n'.join(found) if found else f'every line keeps to {WIDTH} columns')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
