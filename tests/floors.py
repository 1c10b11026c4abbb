#!/usr/bin/env python3
"""The rules of traffic: a file may include its own room and the floors below it.

Rooms on one floor do not include each other. Prints each violation; exit status 1 if there is one.
Usage: floors.py PROJECT
"""
import pathlib
import re
import sys

FLOORS = [
    ['base'],
    ['tensor'],
    ['nn', 'formats', 'record'],
    ['config', 'flow', 'store'],
    ['train', 'show'],
    ['doctor', 'lab', 'bench'],
    ['cli'],
]
# the public headers, and the floor that carries each out
PUBLIC = {'base': 1, 'record': 3, 'finding': 3, 'config': 4, 'model': 5, 'run': 5, 'text': 5,
          'train': 5, 'bench': 6, 'doctor': 6, 'weir': 7}
FLOOR = {room: number for number, rooms in enumerate(FLOORS, 1) for room in rooms}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def violations(root):
    for path in sorted((root / 'src').rglob('*.[ch]')):
        room = path.relative_to(root / 'src').parts[0]
        if room not in FLOOR:
            yield f'{path}: the room {room} is on no floor'
            continue
        for target in INCLUDE.findall(path.read_text()):
            top = target.split('/')[0]
            if '/' not in target:
                yield f'{path}: "{target}" must be written with its room, as "{room}/{target}"'
            elif top == 'weir':
                name = pathlib.Path(target).stem
                if name != 'rename64' and PUBLIC.get(name, 9) > FLOOR[room]:
                    yield f'{path}: floor {FLOOR[room]} may not use the public {target}'
            elif top not in FLOOR:
                yield f'{path}: "{target}" is in no room'
            elif top != room and FLOOR[top] >= FLOOR[room]:
                yield f'{path}: {room} (floor {FLOOR[room]}) may not include {target}'


def main():
    found = list(violations(pathlib.Path(sys.argv[1])))
    print('\n'.join(found) if found else 'every include goes down')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
