// The moments of a replay at which a debugger can stand. As in any debugger, the line shown is the one about to
// run: the heap is that of the frame before it. Where the process ends or goes wrong, it is the line that did it.
import type { Span } from '../../simulator/flagged-path.ts';
import type { Timeline } from '../../simulator/timeline.ts';

export type Place =
  | { readonly kind: 'source'; readonly at: Span }
  /** Innocent code after the path; `line` counts from 1. */
  | { readonly kind: 'aftermath'; readonly line: number };

/** A function that was called and has not returned. */
export interface OpenCall {
  readonly function: string;
  /** The call, in the caller. */
  readonly from: Span;
  /** Frame after the call was made. */
  readonly entered: number;
}

/** Why a moment is an exception to the debugger. */
export type Exceptional =
  /** the process is gone: died, hangs, or does what the model cannot tell */
  | 'end of process'
  /** the step that the linter flags; the process goes on */
  | 'flagged'
  /** the damage shows: shared bytes, a leak */
  | 'damage';

export interface Moment {
  /** Index of the frame whose heap is seen, 0-based. */
  readonly frame: number;
  readonly place: Place;
  /** Outermost first; without the function that the path starts in. */
  readonly calls: readonly OpenCall[];
  readonly exceptional: Exceptional | null;
  /** Nothing is left to run. */
  readonly isLast: boolean;
}

/** In the order of execution; never empty. */
export function momentsOf(timeline: Timeline): readonly Moment[] {
  const { frames, outcome } = timeline;
  const last = frames.length - 1;
  const hasEnded = outcome.ending !== 'ran on';
  const moments: Moment[] = [];
  let calls: readonly OpenCall[] = [];
  for (let frame = 0; frame <= last; frame++) {
    const isOver = hasEnded && frame === last;
    const exceptional = exceptionalOf(timeline, frame);
    if (exceptional !== null)
      moments.push({
        frame,
        place: placeOf(timeline, frame),
        calls: shownCalls(timeline, frame, calls),
        exceptional,
        isLast: isOver,
      });
    calls = callsAfter(timeline, frame, calls);
    if (isOver) break;
    const next = Math.min(frame + 1, last);
    moments.push({
      frame,
      place: placeOf(timeline, next),
      calls: shownCalls(timeline, next, calls),
      exceptional: null,
      isLast: frame === last,
    });
  }
  return moments;
}

/** Two moments with the same key stand on the same line of the same call. */
export function lineKey({ place, calls }: Moment): string {
  const line = place.kind === 'source' ? `${place.at.line} ${place.at.file}` : `+${place.line}`;
  return `${calls.length} ${line}`;
}

function exceptionalOf({ frames, path, outcome }: Timeline, frame: number): Exceptional | null {
  if (frame === 0 || outcome.verdict === 'clean') return null;
  if (outcome.ending !== 'ran on' && frame === frames.length - 1) return 'end of process';
  if (frames[frame]?.step === path.fault) return 'flagged';
  return outcome.fault === null && frame === outcome.frame ? 'damage' : null;
}

/** Where the code of a frame stands; frame 0 has none and takes that of the first step. */
function placeOf({ frames, path }: Timeline, frame: number): Place {
  const index = frames[frame]?.step ?? null;
  const step = path.steps[index ?? 0];
  if (frames[frame]?.kind !== 'aftermath' && step !== undefined)
    return { kind: 'source', at: step.at };
  return { kind: 'aftermath', line: frame - firstAftermath(frames) + 1 };
}

function firstAftermath(frames: Timeline['frames']): number {
  return frames.findIndex((frame) => frame.kind === 'aftermath');
}

function callsAfter(
  { frames, path }: Timeline,
  frame: number,
  calls: readonly OpenCall[],
): readonly OpenCall[] {
  const step = path.steps[frames[frame]?.step ?? -1];
  if (step?.kind === 'enter')
    return [...calls, { function: step.function, from: step.at, entered: frame }];
  return step?.kind === 'leave' ? calls.slice(0, -1) : calls;
}

/** The place of a return is the call, so it is shown in the caller; the aftermath is called by nobody. */
function shownCalls(
  { frames, path }: Timeline,
  frame: number,
  calls: readonly OpenCall[],
): readonly OpenCall[] {
  if (frames[frame]?.kind === 'aftermath') return [];
  const step = path.steps[frames[frame]?.step ?? -1];
  return step?.kind === 'leave' ? calls.slice(0, -1) : calls;
}
