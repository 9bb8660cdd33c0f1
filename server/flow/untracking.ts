// Whether a tp_dealloc takes its object out of the collector's list before it gives up references: while
// that runs, a collection may start, which must not find an object without references.
import type { Span } from '../../simulator/flagged-path.ts';
import type { Cfg, Instruction } from '../cfg/instruction.ts';
import { apiRow } from '../knowledge/row.ts';

type Call = Instruction & { readonly op: 'call' };

/**
 * Where a destructor gives up the first reference that a member of its object holds, if nothing in it can
 * untrack the object; null: something may, or there is none.
 */
export function trackedRelease(cfg: Cfg): { readonly at: Span; readonly text: string } | null {
  const calls = cfg.blocks.flatMap(({ instructions }) =>
    instructions.flatMap((i) => (i.op === 'call' ? [i] : [])),
  );
  if (calls.some(mayUntrack)) return null;
  for (const call of calls) {
    const row = rowOf(call);
    const text = call.arguments[row?.pointerArg ?? -1]?.text ?? '';
    if (row?.role === 'refcount-dec' && /->\s*\w+$/.test(text)) return { at: call.at, text };
  }
  return null;
}

function rowOf({ callee }: Call): ReturnType<typeof apiRow> {
  return callee.kind === 'function' || callee.kind === 'member' ? apiRow(callee.name) : undefined;
}

/** Untracks, or is a call out of view that is given an object by name. */
function mayUntrack(call: Call): boolean {
  const row = rowOf(call);
  if (row !== undefined) return row.role === 'gc-untrack' || row.role === 'dealloc-guard';
  const isMessage = call.arguments[0]?.text.startsWith('"') === true;
  return !isMessage && call.arguments.some(({ text }) => /^(?:\([^()]*\)\s*)*\w+$/.test(text));
}
