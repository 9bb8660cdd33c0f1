// What the reader is told of a path, step by step, and how deep in calls each step is.
import type { Span, Step } from '../../simulator/flagged-path.ts';
import type { PathNote } from '../finding.ts';
import type { TraceEvent } from './trace.ts';

export class PathNotes {
  readonly #notes: PathNote[] = [];
  /** Calls entered and not left; below zero where the path leaves the function that it starts in. */
  #depth = 0;

  /** A step of the path; to be told before its note is added. */
  follow(kind: Step['kind']): void {
    if (kind === 'enter') this.#depth++;
    if (kind === 'leave') this.#depth--;
  }

  add(kind: PathNote['kind'], at: Span, message: string): void {
    // The call itself belongs to its caller.
    const depth = kind === 'enter' ? this.#depth - 1 : this.#depth;
    this.#notes.push({ kind, at, message, depth });
  }

  /** The notes, with depths from 0. */
  fromOutermost(): readonly PathNote[] {
    const outermost = Math.min(...this.#notes.map(({ depth }) => depth));
    return this.#notes.map((note) => ({ ...note, depth: note.depth - outermost }));
  }
}

/** What happens to the thread state. */
export function threadText({ api, how, attached }: TraceEvent & { kind: 'thread-state' }): string {
  switch (how) {
    case 'call':
      return `${api} ${attached ? 'attaches' : 'detaches'} the thread state`;
    case 'thread':
      return `${api} starts a thread that has no thread state`;
    case 'callback':
      return `${api} keeps the function, which its library calls while the thread state is detached`;
    case 'argument':
      return `${api} calls the function while the thread state is detached`;
    case 'hook':
      return `Python calls the function in ${api} while the thread state is detached`;
  }
}
