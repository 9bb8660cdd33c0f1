// The stacks of a memory checker's report: the function that it watches, then the line of the path. What is not
// known before a run is left out with an ellipsis: addresses, libraries, the name of the outermost function.
import type { Step } from './flagged-path.ts';
import { placeText } from './place-text.ts';

/** An address that no one knows before the run. */
export const ADDRESS = '0x\u2026';

export interface StackFrame {
  /** The function of the C library that the tool watches; null: the line itself does it. */
  readonly watched: string | null;
  /** Whether the line of the path calls it; otherwise functions of CPython may stand between them. */
  readonly isDirect: boolean;
  readonly place: string;
}

/** The stack of a step that allocates or releases. */
export function callFrame(step: Step): StackFrame {
  const place = placeText(step.at);
  if (!('api' in step)) return { watched: null, isDirect: true, place };
  const watched = watchedCall(step);
  return { watched, isDirect: step.api === watched, place };
}

/** The stack of a step that reads or writes by itself. */
export function ownFrame(step: Step): StackFrame {
  return { watched: null, isDirect: true, place: placeText(step.at) };
}

function watchedCall(step: Extract<Step, { readonly api: string }>): string {
  if (step.family === 'libc') return step.api;
  switch (step.kind) {
    case 'alloc':
      return step.zeroed ? 'calloc' : 'malloc';
    case 'realloc':
      return 'realloc';
    case 'free':
      return 'free';
  }
}

/** `?` where the source does not fix it. */
export function numberText(value: number | null): string {
  return value === null ? '?' : String(value);
}
