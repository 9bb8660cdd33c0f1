// The rules for free-threaded builds, against what was measured on CPython 3.13 without a GIL.
import { expect, test } from 'vitest';
import type { Heap } from '../../simulator/families.ts';
import type { FlaggedPath, Span } from '../../simulator/flagged-path.ts';
import { freeThreadedEnd } from '../../simulator/free-threaded.ts';
import { replay } from '../../simulator/replay.ts';
import { RELEASE } from '../../simulator/target.ts';

const MEASURED: readonly (readonly [Heap, Heap, string | null])[] = [
  ['libc', 'mem', 'SIGSEGV'],
  ['libc', 'obj', 'SIGSEGV'],
  ['raw', 'mem', 'SIGSEGV'],
  ['raw', 'obj', 'SIGSEGV'],
  ['mem', 'obj', 'harmless'],
  ['obj', 'mem', 'harmless'],
  ['gc', 'obj', 'harmless'],
  ['libc', 'raw', 'harmless'],
  ['mem', 'libc', 'invalid pointer'],
  ['obj', 'raw', 'invalid pointer'],
  ['mem', 'gc', null],
];

test.each(MEASURED)('a block of %s given to a release of %s: %s', (block, release, end) => {
  expect(freeThreadedEnd(block, release)).toBe(end);
});

test('a replay says how the mix-up ends there, and that it does not replay it', () => {
  const at: Span = { file: 'a.c', line: 1, column: 1, endLine: 1, endColumn: 2 };
  const size = { bytes: 24, source: null, chosen: true };
  const call = { at, text: 'call', block: 'p', pointer: 'p' };
  const path: FlaggedPath = {
    version: 1,
    rule: 'mismatched-free',
    steps: [
      { ...call, kind: 'alloc', api: 'malloc', family: 'libc', size, zeroed: false, outcome: 'ok' },
      { ...call, kind: 'free', api: 'PyMem_Free', family: 'py-mem', offset: 0 },
    ],
    fault: 1,
  };
  const told = replay(path, RELEASE).assumptions.filter((each) => each.includes('free-threaded'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('not replayed');
  expect(told[0]).toContain('SIGSEGV');
});
