// A mistake that nobody noticed, until it shows: how many innocent actions later, and how.
import { expect, test } from 'vitest';
import { replay } from '../../simulator/replay.ts';
import { lineText } from '../../simulator/styled-text.ts';
import { RELEASE } from '../../simulator/target.ts';
import { timelineText } from '../../simulator/timeline-text.ts';
import { alloc, free, FREE, MALLOC, MEM, MEM_FREE, pathOf } from './path-builder.ts';

test('blocks that share bytes lead to a death in the end', () => {
  const timeline = replay(pathOf(alloc('p', MEM, 24), free('p', MEM_FREE, 16)), RELEASE);
  expect(timeline.outcome).toMatchObject({ verdict: 'overlap', ending: 'ran on' });
  const later = timeline.goingOn();
  expect(later).toMatchObject({ shows: 'death' });
  expect(later?.text).toMatch(
    /^After \d+ more innocent actions, at “PyMem_Malloc\(24\)”, the process dies with SIGSEGV/,
  );
  const text = timelineText(timeline).map(lineText).join(' ').replaceAll(/ +/g, ' ');
  expect(text).toContain(`After ${later?.actions} more innocent actions`);
});

test('what ends in the same allocator never shows', () => {
  const later = replay(pathOf(alloc('p', MALLOC, 24), free('p', MEM_FREE)), RELEASE).goingOn();
  expect(later).toMatchObject({ shows: 'nothing' });
  expect(later?.text).toMatch(/^\d{3} more innocent actions show nothing\.$/);
});

test('after a death, and where all is in order, there is nothing to wait for', () => {
  expect(replay(pathOf(alloc('p', MEM, 24), free('p', FREE)), RELEASE).goingOn()).toBeNull();
  expect(replay(pathOf(alloc('p', MEM, 24), free('p', MEM_FREE)), RELEASE).goingOn()).toBeNull();
});

test('looking ahead changes no frame', () => {
  const timeline = replay(pathOf(alloc('p', MEM, 40), free('p', MEM_FREE, 8)), RELEASE);
  const last = timeline.frames.length - 1;
  const before = JSON.stringify(timeline.view(last));
  timeline.goingOn();
  expect(JSON.stringify(timeline.view(last))).toBe(before);
});
