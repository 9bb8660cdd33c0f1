// What holds for the replay of any path: it survives everything well-formed, refuses the rest with a
// sentence, and its frames can be visited in any order.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAMILIES, isFamily } from '../../simulator/families.ts';
import type { FlaggedPath, Step } from '../../simulator/flagged-path.ts';
import { readFlaggedPath } from '../../simulator/read-path.ts';
import { replay } from '../../simulator/replay.ts';
import { DEBUG, RELEASE } from '../../simulator/target.ts';
import { lineText } from '../../simulator/styled-text.ts';
import { timelineText } from '../../simulator/timeline-text.ts';
import type { RowView } from '../../simulator/view.ts';
import {
  access,
  alloc,
  failedAlloc,
  free,
  FREE,
  holder,
  MEM,
  MEM_FREE,
  pathOf,
  realloc,
  threadState,
} from './path-builder.ts';

const target = fc.constantFrom(RELEASE, DEBUG);
const family = fc.constantFrom(...Object.keys(FAMILIES).filter(isFamily));
const block = fc.constantFrom('a', 'b', 'c', "a'", 'never allocated');
const size = fc.oneof(
  fc.nat(600),
  fc.constantFrom(0, 1, 512, 513, 1032, 131072, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER),
);
const offset = fc.oneof(fc.constant(0), fc.integer({ min: -64, max: 700 }));
const call = family.map((each) => ({ api: `of_${each.replaceAll('-', '_')}`, family: each }));
const usualCall = fc.constantFrom(
  MEM_FREE,
  FREE,
  { api: 'PyObject_Free', family: 'py-object' } as const,
  { api: 'PyObject_GC_Del', family: 'py-gc-object' } as const,
  { api: 'PyMem_RawFree', family: 'py-raw' } as const,
);
const anyCall = fc.oneof({ weight: 3, arbitrary: usualCall }, call);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(block, anyCall, size).map((facts) => alloc(...facts)),
  fc.tuple(block, anyCall, fc.nat(200)).map((facts) => alloc(...facts)),
  fc.tuple(block, anyCall, size).map((facts) => failedAlloc(...facts)),
  fc.tuple(block, anyCall, size).map((facts) => realloc(...facts)),
  fc.tuple(block, anyCall, offset).map((facts) => free(...facts)),
  fc
    .tuple(fc.constantFrom('read' as const, 'write' as const), block, offset, fc.nat(300))
    .map(([kind, name, at, length]) => access(kind, name, { offset: at, size: length })),
  fc.boolean().map(threadState),
  fc
    .tuple(
      fc.constantFrom('assign' as const, 'escape' as const, 'return' as const, 'drop' as const),
      block,
      block,
    )
    .map((facts) => holder(...facts)),
);

const anyPath: fc.Arbitrary<FlaggedPath> = fc
  .array(step, { minLength: 1, maxLength: 14 })
  .chain((steps) =>
    fc.nat(steps.length - 1).map((fault) => ({ version: 1, rule: 'any', steps, fault }) as const),
  );

describe('any well-formed path', () => {
  test('is replayed, viewed and printed without an error', () => {
    fc.assert(
      fc.property(anyPath, target, (value, on) => {
        const timeline = replay(value, on);
        for (const index of timeline.frames.keys()) expectDrawable(timeline.view(index).rows);
        expect(timelineText(timeline).map(lineText).filter(isUnprintable)).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  test('shows the same heap in any order of visits', () => {
    fc.assert(
      fc.property(anyPath, target, fc.infiniteStream(fc.nat()), (value, on, visits) => {
        const timeline = replay(value, on);
        const forward = timeline.frames.map((_, index) => JSON.stringify(timeline.view(index)));
        for (const [count, visit] of [...take(visits, 12)].entries()) {
          const index = visit % forward.length;
          expect(JSON.stringify(timeline.view(index)), `visit ${count}`).toBe(forward[index]);
        }
      }),
      { numRuns: 25 },
    );
  });
});

function* take<T>(stream: Iterable<T>, count: number): Iterable<T> {
  let left = count;
  for (const value of stream) {
    if (left-- === 0) return;
    yield value;
  }
}

function isUnprintable(line: string): boolean {
  return line.length > 100 || /[\p{Cc}\p{Cf}]/u.test(line);
}

/** Cells follow each other without a gap, whatever state the heap is in. */
function expectDrawable(rows: readonly RowView[]): void {
  const gaps = rows.flatMap(({ address, cells }) => {
    let next = Number(address);
    return cells.filter((cell) => {
      const follows = Number(cell.address) === next && cell.size > 0;
      next += cell.size;
      return !follows;
    });
  });
  expect(gaps).toEqual([]);
}

test('a view outside the timeline is a RangeError', () => {
  const timeline = replay(pathOf(alloc('p', MEM, 24), free('p', MEM_FREE)), RELEASE);
  expect(() => timeline.view(-1)).toThrow(RangeError);
  expect(() => timeline.view(timeline.frames.length)).toThrow(RangeError);
});

test('a long path is replayed in a moment', () => {
  const steps = Array.from({ length: 600 }, (_, index) => [
    alloc(`p${index}`, MEM, 24 + (index % 40) * 16),
    access('write', `p${index}`, { offset: 0, size: 16 }),
  ]).flat();
  const timeline = replay(pathOf(...steps, free('p0', FREE)), RELEASE);
  const before = process.cpuUsage();
  timeline.view(timeline.frames.length - 1);
  expect(process.cpuUsage(before).user).toBeLessThan(2_000_000); // microseconds
  expect(timeline.frames.length).toBeGreaterThan(1200);
});

describe('what is no flagged path is refused with a sentence', () => {
  const good = pathOf(alloc('p', MEM, 24), free('p', MEM_FREE));
  test.each([
    ['nothing', null, 'it must be an object'],
    ['a list', [], 'it must be an object'],
    ['another version', { ...good, version: 2 }, 'its version must be 1, not 2'],
    ['no steps', { ...good, steps: 'none' }, 'its steps must be a list'],
    ['a fault outside', { ...good, fault: 2 }, 'its fault must be the index of one of its 2 steps'],
    ['a fraction', { ...good, fault: 0.5 }, 'its fault must be the index'],
    ['no fault', { ...good, steps: [], fault: 0 }, 'one of its 0 steps, not 0'],
    ['an unknown kind', changed({ kind: 'jump' }), 'step 0: its kind "jump" is unknown'],
    ['a prototype name', changed({ kind: 'toString' }), 'step 0: its kind "toString" is unknown'],
    ['an unknown family', changed({ family: 'x' }), 'step 0: family must be an allocator family'],
    [
      'a negative size',
      changed({ size: { bytes: -1, source: null, chosen: false } }),
      'bytes must be',
    ],
    [
      'a huge size',
      changed({ size: { bytes: 1e300, source: null, chosen: false } }),
      'bytes must be',
    ],
    ['no place', changed({ at: null }), 'step 0: at must be an object'],
    ['no text', changed({ text: 7 }), 'step 0: text must be text'],
  ])('%s', (_, value, message) => {
    expect(() => readFlaggedPath(value)).toThrow(`not a flagged path: `);
    expect(() => readFlaggedPath(value)).toThrow(message);
    // A caller without types may pass anything.
    expect(() => Reflect.apply(replay, null, [value, RELEASE])).toThrow(message);
  });

  function changed(fields: object): object {
    return { ...good, steps: [{ ...good.steps[0], ...fields }, good.steps[1]] };
  }

  test('any JSON at all', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => readFlaggedPath(value)).toThrow(/^not a flagged path: /);
      }),
    );
  });
});

test('memory functions without a thread state die under the debug hooks only', () => {
  const path = pathOf(threadState(false), alloc('p', MEM, 24));
  expect(replay(path, RELEASE).outcome.verdict).toBe('silent');
  const { fault } = replay(path, DEBUG).outcome;
  expect(fault?.text).toMatch(
    /^Fatal Python error: _PyMem_DebugMalloc: Python memory allocator called without holding the GIL\nPython runtime state: initialized\n/,
  );
  // CPython 3.8 does not name the function.
  const old = replay(path, { ...DEBUG, python: '3.8' }).outcome;
  expect(old.fault?.text).toMatch(
    /^Fatal Python error: Python memory allocator called without holding the GIL\n/,
  );
});

test('what goes on after a path has a thread state of its own', () => {
  const read = access('read', 'p', { offset: 0, size: 8 });
  const path = pathOf(alloc('p', MEM, 24), free('p', MEM_FREE), threadState(false), read);
  const { outcome, frames } = replay(path, DEBUG);
  expect(frames.some(({ kind }) => kind === 'aftermath')).toBe(true);
  expect(outcome.fault).toBeNull();
});

test('a death before the flagged step is not put on it', () => {
  const path = pathOf(alloc('p', MEM, 24), free('p', FREE), free('p', MEM_FREE));
  const { outcome } = replay(path, RELEASE);
  expect(outcome).toMatchObject({ verdict: 'crash', frame: 2 });
  expect(outcome.summary).toMatch(/^Dies before the flagged step, at “free\(p\)”, with SIGABRT: /);
});

test('a death that depends on the address space names the other one', () => {
  const path = pathOf(alloc('p', MEM, 24), free('p', FREE));
  const { frames } = replay(path, DEBUG);
  expect(frames.at(-1)?.notes.at(-1)).toMatch(/happens to be mapped.*free\(\): invalid size/);
});

test('a write to an allocation that failed hits the null page', () => {
  const path = pathOf(failedAlloc('p', MEM, 24), access('write', 'p', { offset: 8, size: 8 }));
  const { verdict, fault } = replay(path, RELEASE).outcome;
  expect(verdict).toBe('crash');
  expect(fault?.reason).toMatch(/0x8 hits no mapped page/);
});

test('a release inside a pymalloc block makes two live blocks share bytes', () => {
  const { outcome, frames } = replay(pathOf(alloc('p', MEM, 64), free('p', MEM_FREE, 16)), RELEASE);
  expect(outcome.verdict).toBe('overlap');
  expect(outcome.summary).toMatch(/two live blocks share bytes: 1 and y/);
  expect(frames[outcome.frame]?.notes.join(' ')).toMatch(/overwrites 16 bytes of y, which is live/);
});

test('a family without a heap is said to be not modelled', () => {
  const view = { api: 'PyObject_GetBuffer', family: 'py-buffer' } as const;
  const timeline = replay(pathOf(alloc('v', view, 80), free('v', FREE)), RELEASE);
  expect(timeline.frames.map((frame) => frame.title)).toEqual([
    'The heap before the path',
    'v = PyObject_GetBuffer(80): not modelled',
    'free(v): not modelled',
  ]);
});

test('what the replay chose is among its assumptions', () => {
  const chosen = { bytes: 40, source: 'n + 1', chosen: true };
  const first = { ...alloc('p', MEM, 40), size: chosen };
  const { assumptions } = replay(pathOf(first, free('p', MEM_FREE)), RELEASE);
  expect(assumptions.join('\n')).toMatch('PyMem_Malloc(n + 1 = 40, chosen)');
});
