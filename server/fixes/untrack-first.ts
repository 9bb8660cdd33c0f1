// PyObject_GC_UnTrack before the first reference that a tp_dealloc gives up.
import type { FlaggedPath, Span } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { FunctionText } from './function-text.ts';

/** `at`: where the reference is given up. Null where that does not happen on every way through the function. */
export function untrackFirst(fn: FunctionText, at: Span, path: FlaggedPath): Fix | null {
  const self = /([A-Za-z_]\w*)\s*\)\s*$/.exec(fn.head)?.[1];
  const place = fn.skipBlanks(fn.statementStart(fn.offsetOf(at)));
  const before = fn.code.slice(fn.body + 1, place);
  // Only statements one after the other stand before it: no branch, no loop, no label, no block.
  const isStraight = !/[{}:?]|\b(?:if|for|while|do|switch|else|goto|return)\b/.test(before);
  if (self === undefined || !isStraight || place !== fn.offsetOf(at)) return null;
  return {
    title: `Call PyObject_GC_UnTrack(${self}) first`,
    edits: [
      {
        at: fn.span(place, place),
        newText: `PyObject_GC_UnTrack(${self});\n${fn.indentAt(place)}`,
      },
    ],
    isSafe: true,
    path,
  };
}
