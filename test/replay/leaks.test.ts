// Which blocks a replay takes for lost: the live ones whose last holder is gone, whatever a rule says.
import { expect, test } from 'vitest';
import { verdictWord } from '../../simulator/outcome.ts';
import { replay } from '../../simulator/replay.ts';
import { lineText } from '../../simulator/styled-text.ts';
import { DEBUG, RELEASE } from '../../simulator/target.ts';
import type { Step } from '../../simulator/flagged-path.ts';
import { timelineText } from '../../simulator/timeline-text.ts';
import {
  alloc,
  failedAlloc,
  free,
  holder,
  MEM,
  MEM_FREE,
  pathOf,
  realloc,
} from './path-builder.ts';

const VIEW = { api: 'PyObject_GetBuffer', family: 'py-buffer' } as const;

const verdictOf = (...steps: readonly Step[]): string =>
  replay(pathOf(...steps), RELEASE).outcome.verdict;

test.each([RELEASE, DEBUG])('a block that nobody holds is a leak ($build)', (target) => {
  const timeline = replay(pathOf(alloc('p', MEM, 24), holder('drop', 'p', 'p')), target);
  expect(timeline.outcome).toMatchObject({ verdict: 'leak', ending: 'ran on', frame: 2 });
  expect(timeline.outcome.summary).toBe(
    'A (p) leaks: no pointer to it is left, and 24 bytes of PyMem_Malloc can never be released.',
  );
  expect(verdictWord(timeline.outcome)).toBe('Leak');
  expect(timeline.view(1).blocks.find(({ letter }) => letter === 'A')?.state).toBe('live');
  expect(timeline.view(2).blocks.find(({ letter }) => letter === 'A')?.state).toBe('lost');
  const text = timelineText(timeline).map(lineText).join('\n');
  expect(text).toContain('LEAK  A (p) leaks');
  expect(text).toContain('p no longer holds p: A is lost');
  expect(text).toContain('in use, no pointer left');
});

test('another holder keeps it', () => {
  const copied = [alloc('p', MEM, 24), holder('assign', 'p', 'q'), holder('drop', 'p', 'p')];
  expect(verdictOf(...copied)).toBe('clean');
  expect(verdictOf(...copied, holder('drop', 'p', 'q'))).toBe('leak');
});

test.each(['escape', 'return'] as const)('%s gives it an owner', (kind) => {
  const steps = [alloc('p', MEM, 24), holder(kind, 'p', 'the caller'), holder('drop', 'p', 'p')];
  expect(verdictOf(...steps)).toBe('clean');
});

test('what was released, or never made, is not lost', () => {
  const dropped = holder('drop', 'p', 'p');
  expect(verdictOf(alloc('p', MEM, 24), free('p', MEM_FREE), dropped)).toBe('clean');
  expect(verdictOf(failedAlloc('p', MEM, 24), dropped)).toBe('clean');
});

test('a resize that fails leaves the old block to be lost', () => {
  const fails = { ...realloc('p', MEM, 64), outcome: 'null', into: 'p' } as const;
  expect(verdictOf(alloc('p', MEM, 24), fails, holder('drop', 'p', 'p'))).toBe('leak');
  expect(verdictOf(alloc('p', MEM, 24), fails, free('p', MEM_FREE))).toBe('clean');
});

test('what is not modelled leaks as well', () => {
  const { outcome } = replay(
    pathOf(alloc('view', VIEW, 80), holder('drop', 'view', 'view')),
    RELEASE,
  );
  expect(outcome.verdict).toBe('leak');
  expect(outcome.summary).toContain('what PyObject_GetBuffer made can never be released');
});

test('a call that breaks a rule outweighs a leak', () => {
  const steps = [alloc('p', MEM, 24), holder('drop', 'p', 'p'), alloc('q', MEM, 24)];
  expect(verdictOf(...steps, free('q', { api: 'free', family: 'libc' }))).not.toBe('leak');
});
