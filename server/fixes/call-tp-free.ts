// A tp_dealloc that frees its instance itself hands it to the tp_free of its type, which is right for the classes
// derived from the type too.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { TypeRelease } from '../flow/type-evidence.ts';
import { allRows } from '../knowledge/row.ts';
import { withRow } from './change-family.ts';
import type { FunctionText } from './function-text.ts';
import { releaseStatement } from './leave-out-release.ts';

/** Null where the instances come from elsewhere than tp_alloc: tp_free is made for those alone. */
export function callTpFree(
  fn: FunctionText,
  { release, freeIs, cause, subject }: TypeRelease,
  path: FlaggedPath,
): Fix | null {
  const { row, family } = subject.origin.allocation;
  if (cause === 'slot' || freeIs !== null || Object.keys(row.familyIf).length === 0) return null;
  const found = releaseStatement(fn, release);
  const to = allRows().find((other) => other.kind === 'type-slot' && other.role === 'object-free');
  if (found === null || to === undefined) return null;
  const { call, name } = found;
  const steps = path.steps.map((step, index) =>
    index === path.fault ? withRow(step, to, family) : step,
  );
  return {
    title: `Call ${to.name} of the type of '${name}'`,
    edits: [
      {
        at: fn.span(call.start, call.end),
        newText: `Py_TYPE(${name})->${to.name}((PyObject *)${name})`,
      },
    ],
    isSafe: true,
    path: { ...path, steps },
  };
}
