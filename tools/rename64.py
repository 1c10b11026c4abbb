#!/usr/bin/env python3
"""Writes rename64.h: #define weir_NAME weir64_NAME for every function and table of the library.

The float64 twin is compiled from the same sources with this header in front, so that libweir and
libweir64 can be linked into one program. Usage: rename64.py PROJECT OUTPUT
"""
import pathlib
import re
import sys

FUNCTION = re.compile(r'\b(weir_\w+)\s*\(')
TABLES = re.compile(r'^extern ([^;]*);', re.M)
ENTRY = re.compile(r'^WEIR_([A-Z_]+)\((\w+)\)', re.M)
INLINE = re.compile(r'static inline[^(]*?\b(weir_\w+)\s*\(')


def names(root):
    found = set()
    for header in sorted(root.glob('src/**/*.h')) + sorted(root.glob('include/weir/*.h')):
        text = re.sub(r'/\*.*?\*/', '', header.read_text(), flags=re.S)
        text = re.sub(r'\\\n', ' ', text)
        text = re.sub(r'^#.*$', '', text, flags=re.M)
        found |= set(FUNCTION.findall(text)) - set(INLINE.findall(text))
        for declaration in TABLES.findall(text):
            found |= set(re.findall(r'\b(weir_\w+)\s*(?:\[[^\]]*\])*\s*(?:,|$)', declaration))
    for table in sorted(root.glob('src/**/list.def')):
        for kind, name in ENTRY.findall(table.read_text()):
            found.add(f'weir_{kind.lower()}_{name}')
    return found


def main():
    root, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    lines = ['/* Made by tools/rename64.py: the names of the float64 twin. */',
             '#ifndef WEIR_RENAME64_H', '#define WEIR_RENAME64_H',
             *(f'#define {name} weir64_{name[5:]}' for name in sorted(names(root))), '#endif', '']
    text = '\n'.join(lines)
    if not output.exists() or output.read_text() != text:
        output.write_text(text)


if __name__ == '__main__':
    main()
