// Whether a tp_dealloc takes its object out of the collector's list before it gives up references: while
// that runs, a collection may start, which must not find an object without references.
import type { Span } from '../../simulator/flagged-path.ts';
import { successors } from '../cfg/builder.ts';
import type { BasicBlock, Cfg, Instruction } from '../cfg/instruction.ts';
import { apiRow } from '../knowledge/row.ts';

type Call = Instruction & { readonly op: 'call' };

/** What a function does to the collector's hold of an object that it is given. */
export interface Untracking {
  readonly mayUntrack: boolean;
  /**
   * The first member of its first argument of which it gives up the reference, `->rows`, if nothing in it
   * untracks the object; null: none.
   */
  readonly gives: string | null;
}

export const UNTRACKS_NOTHING: Untracking = { mayUntrack: false, gives: null };

/** null: not a function whose definition is known. */
export type UntrackingOf = (name: string) => Untracking | null;

/** What one call does: untracks an object perhaps, gives up the reference in the text, or neither. */
type Effect = 'untracks' | { readonly text: string } | null;

export function untrackingOf(cfg: Cfg, of: UntrackingOf): Untracking {
  const calls = cfg.blocks.flatMap(callsIn);
  if (calls.some((call) => effectOf(call, of) === 'untracks')) {
    return { mayUntrack: true, gives: null };
  }
  // The members of which parameter is told by there being one.
  const given = cfg.parameters.length === 1 ? trackedRelease(cfg, of) : null;
  return { mayUntrack: false, gives: /->\s*\w+$/.exec(given?.text ?? '')?.[0] ?? null };
}

/**
 * Where a destructor gives up the first reference that a member of its object holds, if nothing can have
 * untracked the object before; null: something may have, or there is none.
 */
export function trackedRelease(
  cfg: Cfg,
  of: UntrackingOf,
): { readonly at: Span; readonly text: string } | null {
  const late = reachedFromUntracking(cfg, of);
  for (const [index, block] of cfg.blocks.entries()) {
    if (late.has(index)) continue;
    for (const call of callsIn(block)) {
      const effect = effectOf(call, of);
      if (effect === 'untracks') break;
      if (effect !== null) return { at: call.at, text: effect.text };
    }
  }
  return null;
}

/** The basic blocks that may run after one that untracks. */
function reachedFromUntracking({ blocks }: Cfg, of: UntrackingOf): ReadonlySet<number> {
  const reached = new Set<number>();
  const pending = blocks.flatMap((block) =>
    callsIn(block).some((call) => effectOf(call, of) === 'untracks')
      ? successors(block.terminator)
      : [],
  );
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    pending.push(...successors(blocks[next]!.terminator));
  }
  return reached;
}

function callsIn({ instructions }: BasicBlock): Call[] {
  return instructions.flatMap((i) => (i.op === 'call' ? [i] : []));
}

const OBJECT = /^(?:\([^()]*\)\s*)*(\w+)$/;

function effectOf(call: Call, of: UntrackingOf): Effect {
  const { callee, arguments: given } = call;
  const name = callee.kind === 'function' || callee.kind === 'member' ? callee.name : '';
  const known = callee.kind === 'function' ? of(name) : null;
  if (known !== null) {
    const object = OBJECT.exec(given[0]?.text ?? '')?.[1];
    if (known.mayUntrack) return 'untracks';
    return known.gives === null || object === undefined ? null : { text: object + known.gives };
  }
  const row = apiRow(name);
  if (row !== undefined) {
    if (row.role === 'gc-untrack' || row.role === 'dealloc-guard') return 'untracks';
    const text = given[row.pointerArg ?? -1]?.text ?? '';
    return row.role === 'refcount-dec' && /->\s*\w+$/.test(text) ? { text } : null;
  }
  // Out of view, and given an object by name.
  const isMessage = given[0]?.text.startsWith('"') === true;
  return !isMessage && given.some(({ text }) => OBJECT.test(text)) ? 'untracks' : null;
}
