// Why a check fired, in plain words: what was read, whose bytes these are, what must hold, and since when it
// does not. The sentences are made where the check fires, not from the rule.
import { expect, test } from 'vitest';
import { replay } from '../../simulator/replay.ts';
import { lineText } from '../../simulator/styled-text.ts';
import { DEBUG, RELEASE, type Target } from '../../simulator/target.ts';
import { timelineText } from '../../simulator/timeline-text.ts';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import {
  access,
  alloc,
  free,
  FREE,
  GC_NEW,
  MALLOC,
  MEM,
  MEM_FREE,
  OBJECT_FREE,
  pathOf,
} from './path-builder.ts';

const MALLOC_BUILD: Target = { ...RELEASE, build: 'malloc' };

function evidence(path: FlaggedPath, target: Target) {
  const timeline = replay(path, target);
  const fault = timeline.outcome.fault;
  if (fault === null) throw new Error(`nothing dies: ${timeline.outcome.summary}`);
  return { ...fault.evidence, fault, timeline };
}

test('free() takes the end of the block before for a size', () => {
  const found = evidence(pathOf(alloc('p', MEM, 32), free('p', FREE)), RELEASE);
  expect(found.plain).toBe(
    'free() read the 8 bytes before the block as the size of its chunk; they belong to the end of the block before it (x) and hold 61 78 78 78 78 78 78 78.',
  );
  expect(found.invariant).toBe(
    'Before every block that malloc() handed out lies the size of its chunk.',
  );
  expect(found.operands).toEqual([
    {
      name: 'size',
      address: '0x7e0000004048',
      bytes: [0x61, 0x78, 0x78, 0x78, 0x78, 0x78, 0x78, 0x78],
      belongsTo: 'the end of the block before it (x)',
    },
  ]);
  // Nobody overwrote anything: the call itself is what breaks it.
  expect(found.brokenBy).toBe(2);
});

test("free() takes the collector's header for a size", () => {
  const path = pathOf(alloc('o', GC_NEW, 64), free('o', OBJECT_FREE));
  expect(evidence(path, MALLOC_BUILD).plain).toBe(
    "free() read the 8 bytes before the block as the size of its chunk; they belong to the collector's header of A and are zero.",
  );
});

test('the debug hooks take the size word of a chunk for the name of a domain', () => {
  const { plain, invariant, brokenBy } = evidence(
    pathOf(alloc('p', MALLOC, 24), free('p', MEM_FREE)),
    DEBUG,
  );
  expect(plain).toBe(
    'The debug hooks read the byte 8 before the block as the name of its domain; it belongs to the header of a chunk of malloc() and holds 21.',
  );
  expect(invariant).toBe('A block is released in the domain that handed it out.');
  expect(brokenBy).toBe(2);
});

test('a write behind the block is named as the step that broke it, not the release that noticed', () => {
  const overflow = access('write', 'p', { offset: 24, size: 8 });
  const path = pathOf(alloc('p', MEM, 24), overflow, free('p', MEM_FREE));
  const { plain, invariant, brokenBy, timeline } = evidence(path, DEBUG);
  expect(plain).toMatch(/^The debug hooks read the 8 bytes behind the block, which are 0xfd in/);
  expect(invariant).toBe('Nobody writes right behind a block.');
  expect(brokenBy).toBe(2);
  expect(timeline.frames[brokenBy ?? 0]?.title).toMatch(/^write 8 bytes at p \+ 24/);
});

test('so is the first of two releases', () => {
  const path = pathOf(alloc('p', MALLOC, 64), free('p', FREE), free('p', FREE));
  const { plain, invariant, brokenBy } = evidence(path, RELEASE);
  expect(plain).toMatch(/where a chunk in the tcache carries a key; they belong to A \(p\), which/);
  expect(invariant).toBe('A chunk is released once.');
  expect(brokenBy).toBe(2);
});

test('so is the write that a later pointer comes from', () => {
  const path = pathOf(alloc('p', MEM, 64), free('p', MEM_FREE), free('p', MEM_FREE));
  const { plain, brokenBy, fault, timeline } = evidence({ ...path, fault: 2 }, RELEASE);
  expect(fault.signal).toBe('SIGSEGV');
  expect(plain).toMatch(
    /^The process read the 8 bytes at 0x\w+ as a pointer; they belong to the header of pymalloc's pool and hold 61 31 /,
  );
  expect(brokenBy).toBeLessThan(timeline.outcome.frame);
  expect(timeline.frames[brokenBy ?? 0]?.title).toMatch(/^PyObject_Malloc\(64\): 2 at/);
});

test('the bytes of the evidence are those of the view', () => {
  const { operands, timeline } = evidence(pathOf(alloc('p', MEM, 32), free('p', FREE)), RELEASE);
  const view = timeline.view(2).hex.find(({ block }) => block === 'p');
  const [operand] = operands ?? [];
  const from = Number(operand?.address) - Number(view?.address);
  expect(view?.bytes.slice(from, from + 8)).toEqual(operand?.bytes);
});

test('the terminal shows it under the crash text', () => {
  const { timeline } = evidence(pathOf(alloc('p', MEM, 32), free('p', FREE)), RELEASE);
  const text = timelineText(timeline).map(lineText).join('\n').replaceAll(/\n +/g, ' ');
  expect(text).toContain('no process was run');
  expect(text).toContain(
    'What must hold: Before every block that malloc() handed out lies the size',
  );
  expect(text).toContain('Broken first by step 2: free(p): the process dies (SIGABRT)');
});
