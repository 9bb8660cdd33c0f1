// How a replay ends when the process neither goes on nor dies. No path that a test could write down leads
// there by itself, so the step that does is put in its place.
import { expect, test, vi } from 'vitest';
import { EndlessLoop, UnmodelledAccess } from '../../simulator/fault.ts';
import { verdictWord } from '../../simulator/outcome.ts';
import { replay } from '../../simulator/replay.ts';
import { lineText } from '../../simulator/styled-text.ts';
import { RELEASE } from '../../simulator/target.ts';
import { timelineText } from '../../simulator/timeline-text.ts';
import { alloc, free, pathOf } from './path-builder.ts';

vi.mock(import('../../simulator/run-step.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    runStep: (world, step, options) => {
      if (step.kind === 'free' && step.api === 'spin') throw new EndlessLoop('malloc()');
      if (step.kind === 'free' && step.api === 'peer') throw new UnmodelledAccess(0x1000n);
      return real.runStep(world, step, options);
    },
  };
});

const BLOCK = alloc('p', { api: 'malloc', family: 'libc' }, 24);

function releasedBy(api: string) {
  return replay(pathOf(BLOCK, free('p', { api, family: 'libc' })), RELEASE);
}

test('an endless loop ends the replay and is told as a hang', () => {
  const timeline = releasedBy('spin');
  expect(timeline.outcome).toMatchObject({ verdict: 'crash', ending: 'hung', frame: 2 });
  expect(timeline.outcome.summary).toMatch(/^Hangs at the flagged step in an endless loop/);
  expect(verdictWord(timeline.outcome)).toBe('Hang');
  expect(timeline.frames.at(-1)).toMatchObject({
    title: 'spin(p): the process hangs',
    fault: null,
    notes: [expect.stringMatching(/^malloc\(\) follows a list .* never returns\.$/)],
  });
  expect(timeline.view(2).blocks.length).toBeGreaterThan(0);
  expect(timelineText(timeline).map(lineText).join('\n')).toContain('HANG  Hangs at');
});

test('a hang after the flagged step comes later', () => {
  const path = { ...pathOf(BLOCK, free('p', { api: 'spin', family: 'libc' })), fault: 0 };
  const { outcome } = replay(path, RELEASE);
  expect(verdictWord(outcome)).toBe('Hang later');
  expect(outcome.summary).toMatch(/^Hangs later, at “spin\(p\)”, in an endless loop/);
});

test('what hangs on memory that is not modelled is not told as an outcome', () => {
  const { outcome } = releasedBy('peer');
  expect(verdictWord(outcome)).toBe('Undetermined');
  expect(outcome).toMatchObject({ ending: 'unknown', frame: 2 });
  expect(outcome.summary).toBe(
    'Cannot be told at the flagged step: what happens depends on memory that is not modelled.',
  );
});
