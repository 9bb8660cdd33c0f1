// A product in a size left to the allocation: `PyMem_Malloc(n * sizeof(T))` becomes `PyMem_New(T, n)`, which
// checks it for overflow.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { Allocation } from '../flow/value.ts';
import type { Made } from '../knowledge/release.ts';
import { allRows, type ApiRow } from '../knowledge/row.ts';
import type { FunctionText } from './function-text.ts';

export function checkedProduct(
  fn: FunctionText,
  allocation: Allocation,
  path: FlaggedPath,
): Fix | null {
  const call = fn.callAt(fn.offsetOf(allocation.calledAt));
  if (call === null || call.name !== allocation.api || call.args.length !== 1) return null;
  const { start, end } = call.args[0]!;
  const product = productOf(fn.text(start, end).trim());
  if (product === null) return null;
  const { count, operand } = product;
  const isType = /^(?:(?:struct|union|unsigned|const)\s+)?[A-Za-z_]\w*(?:\s*\*)*$/.test(operand);
  const to = checkedRow(allocation, isType && isKnownType(fn, operand) ? 'type' : 'elemsize');
  if (to === null) return null;
  const args = to.sizeArgs.map(({ meaning }) => {
    if (meaning === 'count') return count;
    return meaning === 'type' ? operand : `sizeof(${operand})`;
  });
  const at = path.steps.findIndex(({ kind }) => kind === 'alloc');
  const step = path.steps[at];
  return {
    title: `Let ${to.name} check the product`,
    edits: [{ at: fn.span(call.start, call.end), newText: `${to.name}(${args.join(', ')})` }],
    isSafe: !to.zeroed,
    path:
      step?.kind === 'alloc'
        ? {
            ...path,
            steps: [...path.steps.slice(0, at), { ...step, api: to.name, outcome: 'null' }],
            fault: at,
          }
        : null,
  };
}

/** `n * sizeof(T)` and `sizeof(T) * n`, with n a name, a member or in parentheses. */
function productOf(size: string): { readonly count: string; readonly operand: string } | null {
  const sizeOf = /sizeof\s*\(([^()]+)\)/.source;
  const factor = /(\([^()]+\)|[A-Za-z_][\w.]*(?:->[\w.]+)*)/.source;
  const after = new RegExp(`^${factor}\\s*\\*\\s*${sizeOf}$`).exec(size);
  if (after !== null) return { count: bare(after[1]!), operand: after[2]!.trim() };
  const before = new RegExp(`^${sizeOf}\\s*\\*\\s*${factor}$`).exec(size);
  return before === null ? null : { count: bare(before[2]!), operand: before[1]!.trim() };
}

function bare(factor: string): string {
  return factor.startsWith('(') ? factor.slice(1, -1).trim() : factor;
}

/** A name that is not a variable: used with a type's syntax, or nowhere declared or assigned here. */
function isKnownType(fn: FunctionText, operand: string): boolean {
  if (/[\s*]/.test(operand)) return true;
  return !new RegExp(`\\b${operand}\\s*(?:[=;,\\[]|\\)\\s*\\{)|->\\s*${operand}\\b`).test(fn.code);
}

function checkedRow({ row, family }: Made, by: 'type' | 'elemsize'): ApiRow | null {
  const wanted = allRows().find(
    (other) =>
      // Who multiplies by itself checks.
      (other.overflowChecked || by === 'elemsize') &&
      other.kind !== 'function-pointer' &&
      !other.private &&
      other.family === family &&
      other.role === row.role &&
      other.aliasOf === null &&
      other.sizeArgs.length === 2 &&
      other.sizeArgs.every(({ meaning }) => meaning === by || meaning === 'count'),
  );
  if (wanted !== undefined || by === 'elemsize') return wanted ?? null;
  return checkedRow({ row, family }, 'elemsize');
}
