// A replay as Markdown: nothing of the source is read as more than text.
import { expect, test } from 'vitest';
import { replay } from '../../simulator/replay.ts';
import { RELEASE } from '../../simulator/target.ts';
import { timelineMarkdown } from '../../simulator/timeline-markdown.ts';
import { alloc, free, FREE, MEM, pathOf } from './path-builder.ts';

test('the end, each step, the crash text in a fence', () => {
  const timeline = replay(pathOf(alloc('p', MEM, 40), free('p', FREE)), RELEASE);
  const text = timelineMarkdown("'p' is released by free", timeline);
  expect(text).toMatch(
    /^### 'p' is released by free\n\n`.+` · SIMULATED: CPython 3\.11, release build/,
  );
  expect(text).toMatch(/\n\*\*Crash\*\*: Dies at the flagged step with SIGABRT/);
  expect(text).toMatch(/\n2\. .*free\(p\): the process dies \(SIGABRT\) \(flagged\)\n {3}- /);
  expect(text).toContain('\n```text\ndouble free or corruption (out)\n```\n');
});

test('names cannot break out of their place', () => {
  const path = pathOf(alloc('*p` <b>', MEM, 40), free('*p` <b>', FREE));
  const text = timelineMarkdown('# [x](y)\n```', replay(path, RELEASE));
  expect(text.split('\n')[0]).toBe(String.raw`### \# \[x\](y)\\x0a` + '\\`'.repeat(3));
  expect(text).not.toMatch(/(?<!\\)<b>/);
});
