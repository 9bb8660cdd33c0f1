// What happens to one block in one frame: the calls that name it, the pointers that hold it, who else gets its
// bytes, what they hold. Data breakpoints and reverse continue stop here.
import type { BlockId, Step } from '../../simulator/flagged-path.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import type { BlockView } from '../../simulator/view.ts';

export type BlockEventKind =
  /** allocated, resized, released, or its bytes given to somebody else */
  | 'heap'
  /** another pointer holds it, or one no longer does */
  | 'pointer'
  /** its bytes change */
  | 'contents'
  /** the code reads it */
  | 'read';

export interface BlockEvent {
  readonly kind: BlockEventKind;
  /** One sentence. */
  readonly text: string;
}

/** More than this is not compared. */
const COMPARED = 4096;

/** `frame`: index from 1 of the frame in which it happens. */
export function blockEvents(timeline: Timeline, id: BlockId, frame: number): readonly BlockEvent[] {
  const step = timeline.path.steps[timeline.frames[frame]?.step ?? -1];
  const after = findView(timeline, frame, id);
  const called = step === undefined ? null : ofStep(step, id, after);
  const taken = after === undefined ? [] : takers(timeline, after, frame);
  const changed =
    after !== undefined && called?.kind !== 'heap' && bytesChange(timeline, after, frame)
      ? [{ kind: 'contents', text: `The bytes of ${nameOf(after)} change.` } as const]
      : [];
  return [...(called === null ? [] : [called]), ...taken, ...changed];
}

/** The block of this name as it is after a frame; a loop may bind the name more than once. */
function findView(timeline: Timeline, frame: number, id: BlockId): BlockView | undefined {
  return timeline.view(frame).blocks.findLast((block) => block.block === id);
}

/** Whether bytes of the range change in this frame. */
export function rangeChanges(
  timeline: Timeline,
  range: { readonly address: number; readonly length: number },
  frame: number,
): boolean {
  const length = Math.min(range.length, COMPARED);
  const before = timeline.peek(frame - 1, range.address, length);
  return timeline.peek(frame, range.address, length).some((byte, at) => byte !== before[at]);
}

export function nameOf(block: BlockView): string {
  return `${block.letter} (${block.block})`;
}

function pointer(text: string): BlockEvent {
  return { kind: 'pointer', text };
}

function ofStep(step: Step, id: BlockId, after: BlockView | undefined): BlockEvent | null {
  if (!('block' in step)) return null;
  const name = after === undefined ? id : nameOf(after);
  const heap = (text: string): BlockEvent => ({ kind: 'heap', text: `${name} ${text}.` });
  if (step.kind === 'realloc' && step.into === id) return heap(`is what ${step.api} returns`);
  if (step.block !== id) return null;
  switch (step.kind) {
    case 'alloc':
      return heap(`is allocated by ${step.api}`);
    case 'place':
      return heap('comes into scope');
    case 'realloc':
      return heap(`is resized by ${step.api}`);
    case 'free':
      return heap(`is released by ${step.api}`);
    case 'assign':
      return pointer(`${step.place} now points to ${name}.`);
    case 'escape':
      return pointer(`${name} is handed to ${step.place}.`);
    case 'return':
      return pointer(`${step.place} is returned.`);
    case 'drop':
      return pointer(`${step.place} no longer points to ${name}.`);
    case 'read':
      return { kind: 'read', text: `${name} is read through ${step.pointer}.` };
    case 'write':
      return { kind: 'contents', text: `${name} is written through ${step.pointer}.` };
  }
}

/** Live blocks that get bytes of this one, which they had not before. */
function takers(timeline: Timeline, block: BlockView, frame: number): readonly BlockEvent[] {
  const before = timeline.view(frame - 1).blocks;
  const mine = rangeOf(block);
  return timeline
    .view(frame)
    .blocks.filter((other) => other.block !== block.block && other.state !== 'freed')
    .filter((other) => meets(rangeOf(other), mine))
    .filter((other) => !before.some((each) => isSame(each, other)))
    .map((other) => ({
      kind: 'heap',
      text: `Bytes of ${nameOf(block)} now belong to ${nameOf(other)}, from ${other.api}.`,
    }));
}

function isSame(left: BlockView, right: BlockView): boolean {
  return left.block === right.block && left.address === right.address && left.state === right.state;
}

interface Bytes {
  readonly start: number;
  readonly end: number;
}

function rangeOf(block: BlockView): Bytes {
  const start = Number(block.address);
  return { start, end: start === 0 ? 0 : start + block.size };
}

function meets(left: Bytes, right: Bytes): boolean {
  return left.start < right.end && right.start < left.end;
}

function bytesChange(timeline: Timeline, block: BlockView, frame: number): boolean {
  const address = Number(block.address);
  if (address === 0 || findView(timeline, frame - 1, block.block) === undefined) return false;
  return rangeChanges(timeline, { address, length: block.size }, frame);
}
