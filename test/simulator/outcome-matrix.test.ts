// The outcome matrix against real processes: every recorded cell, and a sample of them played now.
// PYMEM_CELLS: cells of the sample; PYMEM_SEED: another sample.
import { noBias, sample, shuffledSubarray } from 'fast-check';
import { expect, test } from 'vitest';
import { WIRINGS } from '../../simulator/versions.ts';
import { needs } from '../needs.ts';
import {
  type Cell,
  cellScript,
  foretell,
  outcomeOf,
  type RecordedCell,
  recordedCells,
} from './outcome-matrix.ts';
import { buildRealDriver } from './real-driver.ts';
import { simulate } from './simulated-driver.ts';

const CELLS = Number(process.env['PYMEM_CELLS'] ?? 300);
const SEED = Number(process.env['PYMEM_SEED'] ?? 20240611);

const recorded = recordedCells();
const real = buildRealDriver();
const why = typeof real === 'string' ? real : '';

function nameOf({ mode, allocator, release, size, position }: Cell): string {
  return `${mode}: ${allocator}(${size}) to ${release}, ${position}`;
}

/** Some of the cells, other ones for another seed. */
function some(cells: readonly RecordedCell[], count: number): readonly RecordedCell[] {
  const length = Math.min(count, cells.length);
  const subset = noBias(shuffledSubarray([...cells], { minLength: length, maxLength: length }));
  return sample(subset, { seed: SEED, numRuns: 1 }).flat();
}

test('12,800 recorded cells: the foretold outcome is the real one', () => {
  const wrong = recorded.flatMap(({ cell, drained }) => {
    const { lines, released } = cellScript(cell);
    const simulated = simulate({ state: 'drained', mode: cell.mode }, lines);
    const outcome = outcomeOf(simulated, released);
    return outcome === drained ? [] : [`${nameOf(cell)}: ${outcome}, really ${drained}`];
  });
  expect(wrong).toEqual([]);
  expect(recorded.length).toBe(12_800);
});

test('where real processes differ, the foretelling is one of theirs and says what it depends on', () => {
  const several = recorded.filter(({ seen }) => seen.length > 1);
  expect(several.length).toBe(1662);
  const wrong = some(several, CELLS).flatMap(({ cell, seen }) => {
    const { outcome, dependsOn } = foretell(cell);
    if (seen.includes(outcome) && dependsOn.length > 0) return [];
    return [
      `${nameOf(cell)}: ${outcome}, depends on ${dependsOn.join()}; seen ${seen.join(' / ')}`,
    ];
  });
  expect(wrong).toEqual([]);
});

needs('a real process', why === '', why).test(`${CELLS} cells played now, seed ${SEED}`, () => {
  if (typeof real === 'string') return;
  const cells = some(recorded, CELLS).map(({ cell }) => cell);
  for (const mode of Object.keys(WIRINGS)) {
    const ofMode = cells.filter((cell) => cell.mode === mode);
    const [first] = ofMode;
    if (first === undefined) continue;
    const setup = { state: 'drained', mode: first.mode } as const;
    const scripts = ofMode.map(cellScript);
    const observed = real.run(
      setup,
      scripts.map(({ lines }) => lines),
    );
    for (const [index, { lines, released }] of scripts.entries()) {
      const [cell, trace] = [ofMode[index], observed[index]];
      if (cell === undefined || trace === undefined) throw new Error('a trace is missing');
      const simulated = outcomeOf(simulate(setup, lines, trace.layout), released);
      expect(simulated, nameOf(cell)).toBe(outcomeOf(trace, released));
      expect([...foretell(cell).all], nameOf(cell)).toContain(simulated);
    }
  }
});
