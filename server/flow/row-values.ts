// What a row of the knowledge table says of single values: which blocks are followed, what is lent, what is a number.
import { isInPlace } from '../knowledge/release.ts';
import type { ApiRow } from '../knowledge/row.ts';
import { ANYTHING } from './fact.ts';
import { NOT_NULL, type Outcome, outPath, type SummaryValue } from './summary.ts';

/** A struct of the caller's owns something, and no member that is known tells whether it does. */
export function isUntold({ family, member }: ApiRow): boolean {
  return family !== null && isInPlace(family) && member === null;
}

/** Its blocks are followed. */
export function isTracked(row: ApiRow): boolean {
  if (row.family === null || isUntold(row)) return false;
  return Object.keys(row.familyIf).every((condition) => condition.startsWith('Py_TPFLAGS'));
}

/** What Python code chooses, or anything. */
export function numberFrom(row: ApiRow): SummaryValue {
  return row.number === null ? { kind: 'unknown' } : { kind: 'input', row };
}

/**
 * `view.buf` points into the memory of the object that exports it.
 * isFilled: the struct is surely filled; else the member may be NULL.
 */
export function lendsMember(
  row: ApiRow,
  out: number | undefined,
  { isFilled }: { readonly isFilled: boolean },
): Outcome['assigns'] {
  if (row.lendsMember === null || out === undefined) return [];
  const fact = isFilled ? NOT_NULL : ANYTHING;
  const value = { kind: 'lent', as: 'borrowed', row, fact } as const;
  const lent = { path: outPath(out, row.lendsMember), value };
  if (!isFilled || row.sizeMember === null) return [lent];
  const size: SummaryValue = { kind: 'number', fact: { low: 0, high: Infinity, not: [] } };
  return [lent, { path: outPath(out, row.sizeMember), value: size }];
}
