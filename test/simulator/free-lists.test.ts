// The layer of object-specific allocators: which dead objects are kept, how many, and that none of them goes
// back to the layers below. The figures are those of the interpreters on this machine.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  FreeLists,
  freeListLimit,
  isSmallInt,
  type ListedType,
  objectSize,
} from '../../simulator/free-lists.ts';
import { Process } from '../../simulator/process.ts';
import { PYTHONS, RELEASE, type Target } from '../../simulator/target.ts';
import { pyenvFolders } from './pyenv.ts';

/** Makes more of each than any list keeps, drops them, and has the interpreter tell what it kept. */
const SCRIPT = `
import gc, sys
gc.disable()
for make in (float.fromhex, lambda _: [], lambda _: {}):
    many = [make("0x1.8p0") for _ in range(300)]; del many
for length in (1, 19, 20, 21):
    many = [tuple(range(1000, 1000 + length)) for _ in range(2500)]; del many
def deep(n):
    if n: deep(n - 1)
deep(400)
sys._debugmallocstats()
print(sys.version_info[:2], [n for n in (-6, -5, 256, 257) if int(str(n)) is int(str(n))])
`;

const LINES: readonly (readonly [ListedType, number, RegExp])[] = [
  ['float', 0, /(\d+) free PyFloatObjects? \* (\d+) bytes/],
  ['list', 0, /(\d+) free PyListObjects? \* (\d+) bytes/],
  ['dict', 0, /(\d+) free PyDictObjects? \* (\d+) bytes/],
  ['frame', 0, /(\d+) free PyFrameObjects? \* (\d+) bytes/],
  ['tuple', 1, /(\d+) free 1-sized PyTupleObjects? \* (\d+) bytes/],
  ['tuple', 19, /(\d+) free 19-sized PyTupleObjects? \* (\d+) bytes/],
  ['tuple', 20, /(\d+) free 20-sized PyTupleObjects? \* (\d+) bytes/],
  ['tuple', 21, /(\d+) free 21-sized PyTupleObjects? \* (\d+) bytes/],
];

function interpreters(): readonly (readonly [Target['python'], string])[] {
  const found = PYTHONS.flatMap((python) =>
    pyenvFolders(python).map((folder) => [python, join(folder, 'python')] as const),
  );
  return [['3.11', '/usr/bin/python3.11'] as const, ...found].filter(([, path]) =>
    existsSync(path),
  );
}

test.each(interpreters())('CPython %s keeps as many as the simulator says (%s)', (python, path) => {
  const { stdout, stderr } = spawnSync(path, ['-S', '-c', SCRIPT], { encoding: 'utf8' });
  const small = [-6, -5, 256, 257].filter(isSmallInt);
  expect(stdout.trim()).toBe(`(3, ${python.slice(2)}) [${small.join(', ')}]`);
  for (const [type, items, pattern] of LINES) {
    const [, count, size] = pattern.exec(stderr) ?? [];
    const name = `${type} ${items}`;
    expect(Number(count ?? 0), name).toBe(freeListLimit(type, items, python));
    if (size !== undefined) expect(Number(size), name).toBe(objectSize(type, items, python));
  }
});

test('a dead object comes back from its list first, the last one first', () => {
  const lists = new FreeLists(new Process(RELEASE));
  const [first, second] = [lists.make('float'), lists.make('float')];
  expect([first.from, second.from]).toEqual(['allocator', 'allocator']);
  expect(lists.drop('float', first.address)).toBe('free list');
  expect(lists.drop('float', second.address)).toBe('free list');
  expect(lists.make('float')).toEqual({ address: second.address, from: 'free list' });
  expect(lists.kept('float')).toBe(1);
  expect(lists.make('list').from).toBe('allocator');
});

test('what a list keeps stays allocated below; what is too much goes back', () => {
  const simulated = new Process(RELEASE);
  const lists = new FreeLists(simulated);
  const made = Array.from({ length: 101 }, () => lists.make('float').address);
  const before = simulated.allocatedBlocks();
  const went = made.map((address) => lists.drop('float', address));
  expect(went.filter((layer) => layer === 'free list').length).toBe(100);
  expect(simulated.allocatedBlocks()).toBe(before - 1);
});

test('tuples have a list for each length, none for the empty one and for long ones', () => {
  expect(freeListLimit('tuple', 0, '3.11')).toBe(0);
  expect(freeListLimit('tuple', 20, '3.10')).toBe(0);
  expect(freeListLimit('tuple', 20, '3.11')).toBe(2000);
  const lists = new FreeLists(new Process(RELEASE));
  const pair = lists.make('tuple', 2);
  lists.drop('tuple', pair.address, 2);
  expect(lists.make('tuple', 3).from).toBe('allocator');
  expect(lists.make('tuple', 2)).toEqual({ address: pair.address, from: 'free list' });
});

test('a frame comes from the list whatever its length, and grows where it is too short', () => {
  expect(freeListLimit('frame', 3, '3.11')).toBe(0);
  const lists = new FreeLists(new Process({ ...RELEASE, python: '3.10' }));
  const short = lists.make('frame', 2);
  lists.make('frame', 2);
  expect(lists.drop('frame', short.address, 2)).toBe('free list');
  expect(lists.make('frame', 1)).toEqual({ address: short.address, from: 'free list' });
  lists.drop('frame', short.address, 2);
  const long = lists.make('frame', 40);
  expect(long.from).toBe('free list');
  expect(long.address).not.toBe(short.address);
});
