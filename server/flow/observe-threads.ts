// What a call says of functions that run without a thread state because of it.
import type { Argument } from '../cfg/instruction.ts';
import type { Span } from '../../simulator/flagged-path.ts';
import { type ApiRow, apiRow } from '../knowledge/row.ts';
import type { Detachment } from './heap-call.ts';
import type { State } from './state.ts';
import { isDetached } from './thread-state.ts';
import type { Value } from './value.ts';

/** What the exploration of a function notices. */
export interface ThreadObserver {
  /** A function of the program is started without a thread state. */
  starts(name: string, by: Detachment): void;
  callsDetached(call: CallWhileDetached): void;
}

/** A function is called with a detached thread state. */
export interface CallWhileDetached {
  readonly name: string;
  /** The variables and members that it is given: `stream` of `self->stream`. */
  readonly handles: readonly string[];
}

export const NO_OBSERVER: ThreadObserver = { starts: () => {}, callsDetached: () => {} };

interface ObservedCall {
  readonly api: string;
  readonly arguments: readonly Argument[];
  readonly values: readonly Value[];
  /** The function is out of view, and leaves the thread detached. */
  readonly mayCallBack: boolean;
  readonly at: Span;
}

export function observeThreads(state: State, call: ObservedCall, threads: ThreadObserver): void {
  const { api, values, at } = call;
  const row = apiRow(api);
  if (isDetached(state.thread) && row?.lib !== 'cpython') {
    threads.callsDetached({ name: api, handles: call.arguments.flatMap((a) => handleIn(a.text)) });
    values.forEach((value, i) => {
      if (value.kind !== 'function' || !call.mayCallBack) return;
      if (callsBack(api, row, i, value.name))
        threads.starts(value.name, { how: 'argument', api, at });
    });
  }
  const entry = row?.threadEntryArg == null ? undefined : values[row.threadEntryArg];
  if (entry?.kind === 'function') threads.starts(entry.name, { how: 'thread', api, at });
}

/** What the text calls a variable or member: `stream` of `&self->stream`; none: it is something else. */
export function handleIn(text: string): string[] {
  const name = /^[\s(&*]*(?:\w+\s*(?:->|\.)\s*)*([A-Za-z_]\w*)[\s)]*$/.exec(text)?.[1];
  return name === undefined ? [] : [name];
}

/**
 * Whether a function runs before the call that it is handed to returns.
 * Unsound: of a function that is not in view only the names tell, its own and that of the callback.
 */
function callsBack(api: string, row: ApiRow | undefined, index: number, callback: string): boolean {
  if (row !== undefined) return row.callbackArgs.includes(index);
  return !KEEPS.test(api) && !isNamedForTheEnd(callback);
}

/** In the name of a function: what it is given may be used later. */
const KEEPS =
  /set|regist|hook|callback|handler|watch|notify|subscribe|new|creat|init|open|alloc|make|add|push|bind|attach|connect|wrap|on_|defer|queue|post|submit|schedule|later|atexit|signal|thread|start|spawn|async|assign|timer|idle|func/i;

/** A callback that releases something, whenever that is no longer needed. */
export function isNamedForTheEnd(name: string): boolean {
  return /free|destr|dealloc|delete|releas|clean|finali[sz]e|dtor|unref|decref|close|clear|dispose/i.test(
    name,
  );
}
