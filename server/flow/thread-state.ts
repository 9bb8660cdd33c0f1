// Whether the thread has an attached thread state (holds the GIL) on a path, and what calls do to that.
// A function is explored for any caller: it starts at what it found, which its summary keeps open.
import type { ThreadStateEffect } from '../knowledge/vocabulary.ts';

/**
 * entry: as the function found it. outer: as it was before the caller's last `ensure`. unknown: paths
 * disagree, or a call out of view may have changed it.
 */
type Attachment = 'entry' | 'outer' | 'attached' | 'detached' | 'unknown';

/** The attachments that `ensure` calls will give back, outermost first, and the present one last. */
export type ThreadState = `${string}${Attachment}`;

export const AT_ENTRY: ThreadState = 'entry';
export const UNKNOWN_THREAD: ThreadState = 'unknown';
export const DETACHED_AT_ENTRY: ThreadState = 'detached';

/** Deeper nesting of `ensure` than this is not followed. */
const MAX_DEPTH = 4;

export function isDetached(thread: ThreadState): boolean {
  return thread === 'detached' || thread.endsWith('>detached');
}

export function isAttached(thread: ThreadState): boolean {
  return thread === 'attached' || thread.endsWith('>attached');
}

/** Nothing has changed it since the function was entered. */
export function isAsFound(thread: ThreadState): boolean {
  return thread === 'entry';
}

/** What a call does, for its caller; `leave`: nothing. */
export type ThreadEffect = 'leave' | Exclude<ThreadStateEffect, 'ask'>;

export function afterEffect(thread: ThreadState, effect: ThreadEffect): ThreadState {
  const stack = thread.split('>');
  switch (effect) {
    case 'leave':
      return thread;
    case 'attach':
      return joined([...stack.slice(0, -1), 'attached']);
    case 'detach':
      return joined([...stack.slice(0, -1), 'detached']);
    case 'forget':
      return joined([...stack.slice(0, -1), 'unknown']);
    case 'ensure':
      return stack.length >= MAX_DEPTH ? UNKNOWN_THREAD : joined([...stack, 'attached']);
    case 'restore':
      if (stack.length > 1) return joined(stack.slice(0, -1));
      return thread === 'entry' ? 'outer' : UNKNOWN_THREAD;
  }
}

/** What a function did, by how it leaves. */
export function effectOf(atExit: ThreadState): ThreadEffect {
  switch (atExit) {
    case 'entry':
      return 'leave';
    case 'attached':
      return 'attach';
    case 'detached':
      return 'detach';
    case 'outer':
      return 'restore';
    default:
      return atExit === 'entry>attached' ? 'ensure' : 'forget';
  }
}

function joined(stack: readonly string[]): ThreadState {
  const text = stack.join('>');
  return isThreadState(text) ? text : UNKNOWN_THREAD;
}

function isThreadState(text: string): text is ThreadState {
  return /(?:^|>)(?:entry|outer|attached|detached|unknown)$/.test(text);
}
