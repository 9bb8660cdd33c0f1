// Realistic flagged paths, replayed on both builds: the verdict, what is printed, and who is hurt.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFlaggedPath } from '../../simulator/read-path.ts';
import { replay } from '../../simulator/replay.ts';
import { DEBUG, RELEASE, type Target } from '../../simulator/target.ts';
import type { Timeline } from '../../simulator/timeline.ts';

const FOLDER = join(import.meta.dirname, 'paths');

function timelineOf(name: string, target: Target): Timeline {
  const text = readFileSync(join(FOLDER, `${name}.json`), 'utf8');
  return replay(readFlaggedPath(JSON.parse(text)), target);
}

function ending(timeline: Timeline): string {
  const { verdict, fault } = timeline.outcome;
  if (fault === null) return verdict;
  const said = fault.text.split('\n').filter((line) => line !== '');
  const line = said.find((each) => each.startsWith('Fatal')) ?? said[0] ?? 'nothing printed';
  return `${verdict} ${fault.signal}: ${line}`;
}

describe('how each path ends', () => {
  const names = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
  test.each(names)('%s', (name) => {
    const timelines = [RELEASE, DEBUG].map((target) => timelineOf(name, target));
    const lines = timelines.map((each) => `${each.model}\n  ${ending(each)}`);
    expect(`${lines.join('\n')}\n`).toMatchSnapshot();
  });
});

test('a double free in pymalloc hands one block out twice', () => {
  const timeline = timelineOf('double-free', RELEASE);
  expect(timeline.outcome.overlaps).toEqual([['later 1', 'later 2']]);
  const frame = timeline.frames.findIndex((each) =>
    each.title.startsWith('PyObject_Malloc(64): 2'),
  );
  const view = timeline.view(frame);
  const [first, second] = ['1', '2'].map((letter) => view.blocks.find((b) => b.letter === letter));
  expect(first?.address).toBe(second?.address);
  expect(first?.overlaps).toEqual(['later 2']);
  const cells = view.rows.flatMap((row) => row.cells);
  expect(cells.filter((cell) => cell.state === 'overlap').map((cell) => cell.letter)).toEqual([
    '12',
  ]);
});

test("a wrong release of a GC object overwrites the neighbor's collector header", () => {
  const timeline = timelineOf('gc-new-object-del', RELEASE);
  const view = timeline.view(timeline.outcome.frame);
  const neighbor = view.blocks.find((block) => block.letter === 'y');
  const hex = view.hex.find((each) => each.block === neighbor?.block);
  const corrupt = hex?.fields.filter((field) => field.state === 'corrupt').map((each) => each.name);
  expect(corrupt).toEqual(['shared with 1', '_gc_next', '_gc_prev', 'read by free()']);
});

test('a use after free reads the link of the free list', () => {
  const timeline = timelineOf('use-after-free', RELEASE);
  const flagged = timeline.path.fault + 1;
  expect(timeline.frames[flagged]?.notes.join(' ')).toMatch(/what the allocator left there/);
  const hex = timeline.view(flagged).hex.find((each) => each.block === 'row@cursor.c:16');
  const link = hex?.fields.find((field) => field.name === 'next free block');
  const read = hex?.bytes.slice(link?.offset, (link?.offset ?? 0) + 8).toReversed();
  const text = read?.map((byte) => byte?.toString(16).padStart(2, '0')).join('');
  expect(BigInt(`0x${text}`)).toBe(BigInt(link?.value ?? ''));
});

test('the debug hooks leave their marks around a block', () => {
  const timeline = timelineOf('pymem-malloc-free-large', DEBUG);
  const hex = timeline.view(2).hex.filter((each) => each.block === 'buf@record.c:27');
  const fields = hex.flatMap((each) => each.fields).map((each) => `${each.name}: ${each.value}`);
  expect(fields).toEqual(
    expect.arrayContaining([
      'size: 600 (big endian)',
      'size: 624 (big endian)',
      "API id: 'm' (0x6d)",
      "API id: 'r' (0x72)",
      'FORBIDDENBYTE: 0xfd × 8',
    ]),
  );
});

test('a pointer into a block is shown with the word that free() takes for its size', () => {
  const timeline = timelineOf('borrowed-free', RELEASE);
  const hex = timeline
    .view(timeline.outcome.frame)
    .hex.find((each) => each.block === 'arg@title.c:22');
  const address = Number(timeline.view(2).blocks.find((block) => block.letter === 'A')?.address);
  const field = hex?.fields.find((each) => each.name === 'read by free()');
  expect(Number(hex?.address) + (field?.offset ?? 0)).toBe(address + 48 - 8);
  expect(field?.value).toBe('0x0 (0 bytes)');
});
