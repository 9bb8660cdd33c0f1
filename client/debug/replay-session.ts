// A debugger over a timeline: where it stands, how it steps forward and back, and what makes it stop. Knows
// no protocol and no editor.
import type { BlockId } from '../../simulator/flagged-path.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import { hex } from '../../simulator/word.ts';
import { blockEvents, type BlockEventKind, rangeChanges } from './block-events.ts';
import { lineKey, type Moment, momentsOf } from './moments.ts';

export type StopReason =
  | 'entry'
  | 'step'
  | 'breakpoint'
  | 'data breakpoint'
  | 'exception'
  | 'goto'
  /** nothing is left to run */
  | 'end'
  /** nothing is left to undo */
  | 'start';

export interface Stop {
  readonly reason: StopReason;
  /** What it stopped for, as a sentence; null where the reason says all. */
  readonly text: string | null;
  /** Of the breakpoints that were hit. */
  readonly breakpoints: readonly number[];
}

export interface LineBreakpoint {
  readonly id: number;
  /** As the path names it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface Watch {
  readonly id: number;
  readonly what:
    | { readonly kind: 'block'; readonly block: BlockId }
    | { readonly kind: 'bytes'; readonly address: number; readonly length: number };
  readonly access: 'read' | 'write' | 'readWrite';
}

/** What may be switched off; the end of the process always stops. */
export type ExceptionFilter = 'flagged' | 'damage';
export const EXCEPTION_FILTERS = ['flagged', 'damage'] as const;

export type Motion = 'in' | 'over' | 'out' | 'run';
export type Granularity = 'line' | 'instruction';

const CHANGES: readonly BlockEventKind[] = ['heap', 'pointer', 'contents'];

export class ReplaySession {
  readonly timeline: Timeline;
  readonly moments: readonly Moment[];
  breakpoints: readonly LineBreakpoint[] = [];
  watches: readonly Watch[] = [];
  filters: ReadonlySet<ExceptionFilter> = new Set(EXCEPTION_FILTERS);
  /** Reverse continue goes to the events of this block; null: of none. */
  selected: BlockId | null;
  #at = 0;

  constructor(timeline: Timeline) {
    this.timeline = withMemory(timeline);
    this.moments = momentsOf(timeline);
    this.selected = flaggedBlock(timeline);
  }

  get moment(): Moment {
    const moment = this.moments[this.#at];
    if (moment === undefined) throw new RangeError(`no moment ${this.#at}`);
    return moment;
  }

  get frame(): number {
    return this.moment.frame;
  }

  /** To the heap after `frame`; clamped to the timeline. */
  goToFrame(frame: number): Stop {
    const last = this.timeline.frames.length - 1;
    const wanted = Math.max(0, Math.min(Math.trunc(frame), last));
    this.#at = this.moments.findLastIndex((moment) => moment.frame === wanted);
    return stop(this.moment.exceptional === null ? 'goto' : 'exception');
  }

  goToMoment(index: number): Stop {
    this.#at = Math.max(0, Math.min(index, this.moments.length - 1));
    return stop('goto');
  }

  forward(motion: Motion, granularity: Granularity = 'line'): Stop {
    const from = this.moment;
    for (let at = this.#at + 1; at < this.moments.length; at++) {
      const stopped =
        this.#passed(at) ?? (this.#isDone(at, from, motion, granularity) ? 'step' : null);
      if (stopped === null) continue;
      this.#at = at;
      return stopped === 'step' ? this.#stepped(at) : stopped;
    }
    this.#at = this.moments.length - 1;
    return this.moment.exceptional === null ? stop('end') : stop('exception');
  }

  /** To the start of the line before, over the calls it makes; `instruction`: one step of the path. */
  stepBack(granularity: Granularity = 'line'): Stop {
    if (this.#at === 0) return stop('start');
    if (granularity === 'instruction') {
      do this.#at--;
      while (this.#at > 0 && !this.#isShown(this.moment));
      return stop('step');
    }
    const start = this.#lineStart(this.#at);
    this.#at = start < this.#at ? start : this.#lineStart(this.#lastAbove(this.#at));
    return stop('step');
  }

  /** Back to before the last heap event of the selected block, or to a breakpoint on the way. */
  reverseContinue(): Stop {
    for (let at = this.#at - 1; at >= 0; at--) {
      const stopped = this.#undone(at) ?? this.#lineHit(at);
      if (stopped === null) continue;
      this.#at = at;
      return stopped;
    }
    this.#at = 0;
    return stop('start');
  }

  /** First moment of the call that is `depth` calls from the outermost function. */
  restartCall(depth: number): Stop {
    const entered = this.moment.calls[depth - 1]?.entered ?? 0;
    const at = this.moments.findIndex(
      ({ frame, exceptional }) => frame === entered && exceptional === null,
    );
    return this.goToMoment(at);
  }

  /** What the moment at `at` stops for when it is reached from before. */
  #passed(at: number): Stop | null {
    const moment = this.moments[at];
    if (moment === undefined) return null;
    const isNewFrame = this.moments[at - 1]?.frame !== moment.frame;
    const hit = isNewFrame ? this.#watchHit(moment.frame) : null;
    if (moment.exceptional !== null && this.#isShown(moment))
      return { reason: 'exception', text: hit?.text ?? null, breakpoints: hit?.breakpoints ?? [] };
    // An exception that is not shown leaves the hit to the moment that follows it.
    const late =
      !isNewFrame && !this.#isShown(this.moments[at - 1]) ? this.#watchHit(moment.frame) : null;
    if (moment.exceptional !== null) return null;
    return hit ?? late ?? (moment.isLast ? null : this.#lineHit(at));
  }

  /** What undoing the frame after the moment at `at` stops for. */
  #undone(at: number): Stop | null {
    const undone = this.moments[at + 1]?.frame;
    const moment = this.moments[at];
    if (undone === undefined || moment === undefined || undone === moment.frame) return null;
    const hit = this.#watchHit(undone);
    if (hit !== null) return hit;
    if (this.selected === null) return null;
    const event = blockEvents(this.timeline, this.selected, undone).find(
      ({ kind }) => kind === 'heap',
    );
    return event === undefined ? null : { ...stop('step'), text: `Before: ${event.text}` };
  }

  #isDone(at: number, from: Moment, motion: Motion, granularity: Granularity): boolean {
    const moment = this.moments[at];
    if (moment === undefined || motion === 'run' || !this.#isShown(moment)) return false;
    const depth = from.calls.length;
    if (motion === 'out') return moment.calls.length < depth;
    if (motion === 'over' && moment.calls.length > depth) return false;
    return granularity === 'instruction' || moment.isLast || lineKey(moment) !== lineKey(from);
  }

  #stepped(at: number): Stop {
    return this.moments[at]?.isLast === true ? stop('end') : stop('step');
  }

  #isShown(moment: Moment | undefined): boolean {
    const kind = moment?.exceptional ?? null;
    return kind === null || kind === 'end of process' || this.filters.has(kind);
  }

  /** A breakpoint holds where its line begins. */
  #lineHit(at: number): Stop | null {
    const moment = this.moments[at];
    const before = this.moments[at - 1];
    if (moment?.place.kind !== 'source' || moment.exceptional !== null) return null;
    if (before !== undefined && lineKey(before) === lineKey(moment)) return null;
    const { file, line } = moment.place.at;
    const hit = this.breakpoints.filter((each) => each.file === file && each.line === line);
    return hit.length === 0
      ? null
      : { ...stop('breakpoint'), breakpoints: hit.map(({ id }) => id) };
  }

  #watchHit(frame: number): Stop | null {
    if (frame === 0) return null;
    const hits = this.watches.flatMap((watch) => {
      const text = this.#watchText(watch, frame);
      return text === null ? [] : [{ id: watch.id, text }];
    });
    if (hits.length === 0) return null;
    const text = hits.map((hit) => hit.text).join(' ');
    return { reason: 'data breakpoint', text, breakpoints: hits.map(({ id }) => id) };
  }

  #watchText({ what, access }: Watch, frame: number): string | null {
    if (what.kind === 'bytes')
      return access !== 'read' && rangeChanges(this.timeline, what, frame)
        ? `${what.length} bytes at ${hex(what.address)} change.`
        : null;
    const wanted =
      access === 'read' ? ['read'] : access === 'write' ? CHANGES : ['read', ...CHANGES];
    const events = blockEvents(this.timeline, what.block, frame).filter(({ kind }) =>
      wanted.includes(kind),
    );
    return events.length === 0 ? null : events.map(({ text }) => text).join(' ');
  }

  /** The first moment of the stretch on the line of `at`; calls made there belong to it. */
  #lineStart(at: number): number {
    const here = this.moments[at];
    if (here === undefined) return 0;
    let start = at;
    for (let before = at - 1; before >= 0; before--) {
      const moment = this.moments[before];
      if (moment === undefined) break;
      if (lineKey(moment) === lineKey(here)) start = before;
      else if (moment.calls.length <= here.calls.length && moment.exceptional === null) break;
    }
    return start;
  }

  /** The last moment before `at` that is not inside a call made there. */
  #lastAbove(at: number): number {
    const depth = this.moments[at]?.calls.length ?? 0;
    const before = this.moments.findLastIndex(
      ({ calls, exceptional }, index) =>
        index < at && calls.length <= depth && exceptional === null,
    );
    return Math.max(0, before);
  }
}

function stop(reason: StopReason): Stop {
  return { reason, text: null, breakpoints: [] };
}

/** The block that the path is about. */
function flaggedBlock({ path }: Timeline): BlockId | null {
  const step = path.steps[path.fault];
  return step !== undefined && 'block' in step ? step.block : null;
}

/** Views are asked for again and again by watches. */
function withMemory(timeline: Timeline): Timeline {
  const views = new Map<number, ReturnType<Timeline['view']>>();
  return {
    ...timeline,
    view: (index) => {
      const known = views.get(index) ?? timeline.view(index);
      views.set(index, known);
      return known;
    },
  };
}
