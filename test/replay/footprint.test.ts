// What memory costs at every step, and who knows of it.
import { expect, test } from 'vitest';
import { replay } from '../../simulator/replay.ts';
import { lineText } from '../../simulator/styled-text.ts';
import { DEBUG, RELEASE, type Target } from '../../simulator/target.ts';
import { timelineText } from '../../simulator/timeline-text.ts';
import type { Step } from '../../simulator/flagged-path.ts';
import { alloc, free, FREE, GC_NEW, MALLOC, MEM, MEM_FREE, pathOf } from './path-builder.ts';

/** How the footprint changes with each step, from the heap before the path. */
function changes(target: Target, ...steps: readonly Step[]) {
  const all = replay(pathOf(...steps), target).footprints();
  return all.slice(1, steps.length + 1).map((after, index) => {
    const before = all[index] ?? after;
    return {
      known: after.known - before.known,
      escaped: after.escaped - before.escaped,
      waste: after.waste - before.waste,
      traced: after.traced.bytes - before.traced.bytes,
      young: after.collector.young - before.collector.young,
    };
  });
}

test("Python's blocks are known, malloc()'s escape, and both waste what they round up", () => {
  expect(changes(RELEASE, alloc('p', MEM, 20), alloc('q', MALLOC, 20))).toEqual([
    { known: 20, escaped: 0, waste: 12, traced: 20, young: 0 },
    { known: 0, escaped: 20, waste: 12, traced: 0, young: 0 },
  ]);
});

test('more than 512 bytes lie in the C heap and are known all the same', () => {
  expect(changes(RELEASE, alloc('p', MEM, 1000), free('p', MEM_FREE))).toEqual([
    { known: 1000, escaped: 0, waste: 8, traced: 1000, young: 0 },
    { known: -1000, escaped: 0, waste: -8, traced: -1000, young: 0 },
  ]);
});

test('the debug hooks cost 24 bytes and what that rounds up to', () => {
  expect(changes(DEBUG, alloc('p', MEM, 20))).toMatchObject([{ known: 20, traced: 20 }]);
});

test('what is released past Python stays in the books of tracemalloc', () => {
  const [, released] = changes(RELEASE, alloc('p', MEM, 1000), free('p', FREE));
  expect(released).toEqual({ known: -1000, escaped: 0, waste: -8, traced: 0, young: 0 });
});

test("an object of the collector counts with its header, towards the collector's threshold", () => {
  expect(changes(RELEASE, alloc('o', GC_NEW, 64))).toMatchObject([{ known: 80, young: 1 }]);
  const thresholds = (['3.12', '3.13'] as const).map(
    (python) =>
      replay(pathOf(alloc('o', GC_NEW, 64)), { ...RELEASE, python }).view(1).footprint.collector
        .threshold,
  );
  expect(thresholds).toEqual([700, 2000]);
});

test('the system gives a mapping to a large block, and takes it back', () => {
  const steps = [alloc('p', MALLOC, 300_000), free('p', FREE)];
  const all = replay(pathOf(...steps), RELEASE).footprints();
  const [before = 0, with_ = 0, after = 0] = all.map(({ fromSystem }) => fromSystem);
  expect(with_ - before).toBe(303_104);
  expect(after).toBe(before);
});

test('the terminal shows it in 80 columns', () => {
  const timeline = replay(pathOf(alloc('p', MEM, 32), free('p', FREE)), RELEASE);
  const lines = timelineText(timeline).map(lineText);
  const at = lines.indexOf('Footprint');
  expect(
    lines
      .slice(at + 1, at + 6)
      .join(' ')
      .replaceAll(/ +/g, ' '),
  ).toMatch(
    /from the system [\d,]+ bytes.*asked of Python \d+ bytes, of malloc\(\) past it 0 bytes.*tracemalloc counts/,
  );
});
