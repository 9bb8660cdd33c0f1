// Which function of another family takes the place of a call as it stands: same role, same arguments.
import { familyFacts, type Family } from '../../simulator/families.ts';
import { allRows, apiRow, type ApiRow } from '../knowledge/row.ts';

/** Null: there is none. */
export function equivalentIn(family: Family, row: ApiRow): ApiRow | null {
  const usual = apiRow(familyFacts(family).release ?? '');
  if (usual !== undefined && isLike(usual, row)) return usual;
  const found = allRows().find(
    (other) =>
      other.family === family &&
      other.kind === 'function' &&
      !other.private &&
      other.removed === null &&
      other.aliasOf === null &&
      isLike(other, row),
  );
  return found ?? null;
}

function isLike(a: ApiRow, b: ApiRow): boolean {
  return a.role === b.role && a.zeroed === b.zeroed && takesTheSame(a, b);
}

/** Whether one function can be put in the place of the other as the call stands. */
export function takesTheSame(a: ApiRow, b: ApiRow): boolean {
  return shape(a) === shape(b);
}

function shape(row: ApiRow): string {
  return JSON.stringify([row.pointerArg, row.sizeArgs.map((s) => [s.arg, s.meaning])]);
}
