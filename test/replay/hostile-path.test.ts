// A flagged path from anywhere: whatever it says, it is refused with the name of a field, or replayed within
// bounds. Never another exception, a hang or a process without memory.
import {
  anything,
  array,
  assert,
  constant,
  constantFrom,
  integer,
  oneof,
  property,
  record,
  string,
} from 'fast-check';
import { expect, test } from 'vitest';
import { FAMILIES } from '../../simulator/families.ts';
import { readFlaggedPath } from '../../simulator/read-path.ts';
import { replay } from '../../simulator/replay.ts';
import { DEBUG, RELEASE } from '../../simulator/target.ts';

const SEED = { seed: 20240611 };
const at = { file: 'a.c', line: 1, column: 1, endLine: 1, endColumn: 2 };

function pathOf(steps: readonly unknown[]): unknown {
  return { version: 1, rule: 'r', steps, fault: 0 };
}

function refusal(value: unknown): string {
  try {
    readFlaggedPath(value);
    return 'accepted';
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}

const alloc = {
  kind: 'alloc',
  at,
  text: 'p = malloc(8);',
  block: 'b',
  pointer: 'p',
  api: 'malloc',
  family: 'libc',
  size: { bytes: 8, source: null, chosen: true },
  zeroed: false,
  outcome: 'ok',
};

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;
let deep: unknown = 'end';
for (let depth = 0; depth < 100_000; depth++) deep = [deep];

test.each([
  ['steps', pathOf(Array.from({ length: 1_000_000 }, () => alloc))],
  ['blocks', pathOf(Array.from({ length: 1001 }, () => alloc))],
  ['family', pathOf([{ ...alloc, family: 'constructor' }])],
  ['bytes', pathOf([{ ...alloc, size: { ...alloc.size, bytes: Number.NaN } }])],
  ['bytes', pathOf([{ ...alloc, size: { ...alloc.size, bytes: -1 } }])],
  ['bytes', pathOf([{ ...alloc, size: { ...alloc.size, bytes: 2 ** 60 } }])],
  ['offset', pathOf([{ ...alloc, kind: 'free', offset: 0.5 }])],
  ['kind', pathOf([{ ...alloc, kind: cyclic }])],
  ['kind', pathOf([{ ...alloc, kind: deep }])],
  ['kind', pathOf([{ ...alloc, kind: '__proto__' }])],
  ['size', pathOf([{ ...alloc, size: cyclic }])],
  ['block', pathOf([{ ...alloc, block: 1n }])],
  ['text', pathOf([{ ...alloc, text: 'x'.repeat(1_000_000) }])],
  ['fault', { ...Object(pathOf([alloc])), fault: Number.POSITIVE_INFINITY }],
  ['version', cyclic],
])('%s: refused by its name', (field, value) => {
  expect(refusal(value)).toMatch(/^not a flagged path: /);
  expect(refusal(value)).toContain(field);
});

test('any value is refused in a sentence or accepted', () => {
  const junk = oneof(
    anything(),
    record({
      version: constant(1),
      rule: string(),
      fault: constantFrom(0, 1, -1, Number.NaN),
      steps: array(
        oneof(
          anything(),
          record({ kind: constantFrom('alloc', 'free', 'write', 'branch'), at: constant(at) }),
        ),
      ),
    }),
  );
  assert(
    property(junk, (value) => {
      expect(refusal(value)).toMatch(/^(accepted|not a flagged path: .+)$/);
    }),
    { ...SEED, numRuns: 500 },
  );
});

const families = constantFrom(...Object.keys(FAMILIES), 'own:arena');
const blocks = constantFrom('a', 'b', 'c');
const bytes = oneof(
  integer({ min: 0, max: 2000 }),
  constantFrom(0, 2 ** 17, 2 ** 28, 2 ** 31, 2 ** 40, 2 ** 47, Number.MAX_SAFE_INTEGER),
);
const offsets = oneof(
  integer({ min: -64, max: 600 }),
  constantFrom(-(2 ** 47), -(2 ** 53) + 1, 2 ** 47, Number.MAX_SAFE_INTEGER),
);
const call = {
  at: constant(at),
  text: constant('call'),
  block: blocks,
  pointer: blocks,
  api: constant('call'),
  family: families,
};
const size = record({ bytes, source: constant(null), chosen: constant(true) });
const outcome = constantFrom('ok', 'null');
const step = oneof(
  record({
    ...call,
    kind: constant('alloc'),
    size,
    zeroed: constantFrom(true, false),
    outcome,
  }),
  record({ ...call, kind: constant('realloc'), into: blocks, size, outcome }),
  record({ ...call, kind: constant('free'), offset: offsets }),
  record({
    ...call,
    kind: constantFrom('read', 'write'),
    size,
    offset: record({ bytes: offsets, source: constant(null), chosen: constant(false) }),
  }),
);

test('a path of the right shape is replayed, whatever it asks for', () => {
  const steps = array(step, { minLength: 1, maxLength: 30, size: 'max' });
  assert(
    property(steps, constantFrom(RELEASE, DEBUG), (list, target) => {
      const timeline = replay(readFlaggedPath(pathOf(list)), target);
      expect(timeline.frames.length).toBeGreaterThan(0);
    }),
    { ...SEED, numRuns: 60 },
  );
});

test('many large blocks end in NULL, not in a process without memory', () => {
  const large = Array.from({ length: 300 }, (_, index) => ({
    ...alloc,
    family: index % 2 === 0 ? 'libc' : 'py-mem',
    block: `b${index}`,
    size: { ...alloc.size, bytes: 200 * 2 ** 20 },
  }));
  const timeline = replay(readFlaggedPath(pathOf(large)), DEBUG);
  expect(timeline.frames.some((frame) => frame.title.includes('NULL'))).toBe(true);
});
