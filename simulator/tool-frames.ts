// The stacks of a memory checker's report: the function that it watches, then the line of the path. What is not
// known before a run is left out with an ellipsis: addresses, libraries, the name of the outermost function.
import type { Step } from './flagged-path.ts';
import { placeText } from './place-text.ts';
import type { Call, Chunk } from './tool-finding.ts';

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
export function callFrame({ step, watched }: Call): StackFrame {
  return { watched, isDirect: !('api' in step) || step.api === watched, place: placeText(step.at) };
}

/** The stack of a step that reads or writes by itself. */
export function ownFrame(step: Step): StackFrame {
  return { watched: null, isDirect: true, place: placeText(step.at) };
}

/** Of a block of malloc(). */
export function sizeOf({ size, isChosen }: Chunk): number | null {
  return isChosen ? null : size;
}

/** `?` where the source does not fix it. */
export function numberText(value: number | null): string {
  return value === null ? '?' : String(value);
}
