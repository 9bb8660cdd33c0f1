// A function of the program that the `O&` unit calls: what it leaves in its variable, as a row of the table.
// Follows Doc/c-api/arg.rst (3.13): it returns 0 for a failure, and gets NULL as object to clean up.
import type { ApiRow } from '../knowledge/row.ts';
import { argumentPath, type Outcome, outPath, type Summary } from './summary.ts';
import { type Allocation, pathKey } from './value.ts';

const OBJECT = pathKey(argumentPath(0));
const VARIABLE = pathKey(outPath(1, null));

/** null: it does not leave a block of its own there each time it works. */
export function converterRow({ name, outcomes }: Summary): ApiRow | null {
  const made = outcomes.filter(works).map(leaves);
  const [first] = made;
  if (first === undefined || first === null) return null;
  if (!made.every((other) => other?.family === first.family)) return null;
  // The sizes are those of a call inside.
  const fixed = { sizeArgs: [], pointerArg: null, nullOnFailure: false, conditional: null };
  return { ...first.row, ...fixed, name, role: 'out-param-owned', outArgs: [1] };
}

function works({ returns, when }: Outcome): boolean {
  if (when.some(({ path, fact }) => pathKey(path) === OBJECT && fact.high === 0)) return false;
  return returns.kind !== 'int' || returns.value !== 0;
}

function leaves({ steps, assigns }: Outcome): Allocation | null {
  const value = assigns.find(({ path }) => pathKey(path) === VARIABLE)?.value;
  if (value?.kind !== 'fresh') return null;
  const step = steps.find((s) => s.kind === 'alloc' && s.index === value.index);
  return step?.kind === 'alloc' && !step.isShared ? step.allocation : null;
}
