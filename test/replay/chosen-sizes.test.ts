// Sizes that the source leaves open can be replayed with others; those that it fixes, or that the path is
// about, cannot.
import { expect, test } from 'vitest';
import { chosenSize, withChosenSize } from '../../simulator/chosen-sizes.ts';
import type { Step } from '../../simulator/flagged-path.ts';
import { replay } from '../../simulator/replay.ts';
import { RELEASE } from '../../simulator/target.ts';
import { access, alloc, free, FREE, GC_NEW, MEM, pathOf } from './path-builder.ts';

const open = (bytes: number): Step => ({
  ...alloc('p', MEM, bytes),
  size: { bytes, source: 'n', chosen: true },
});

test('a mix that dies with a small block goes unnoticed with a large one', () => {
  const path = pathOf(open(40), free('p', FREE));
  expect(chosenSize(path)).toBe(40);
  expect(replay(path, RELEASE).outcome.verdict).toBe('crash');
  const large = replay(withChosenSize(path, 600), RELEASE);
  expect(large.outcome.verdict).not.toBe('crash');
  expect(large.assumptions.join(' ')).toMatch('PyMem_Malloc(n = 600, chosen)');
});

test('fixed sizes stay', () => {
  const path = pathOf(alloc('p', MEM, 40), open(24), free('p', FREE));
  const sizes = withChosenSize(path, 600).steps.flatMap((s) => ('size' in s ? [s.size.bytes] : []));
  expect(sizes).toEqual([40, 600]);
});

test('no size is open where none was chosen, of an object, or where the path leaves its block', () => {
  expect(chosenSize(pathOf(alloc('p', MEM, 40), free('p', FREE)))).toBe(null);
  const made: Step = { ...alloc('o', GC_NEW, 56), size: { bytes: 56, source: null, chosen: true } };
  expect(chosenSize(pathOf(made, free('o', FREE)))).toBe(null);
  expect(
    chosenSize(pathOf(open(40), access('write', 'p', { offset: 32, size: 16 }), free('p', FREE))),
  ).toBe(null);
});
