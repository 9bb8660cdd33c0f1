// Calls that leave arguments out: C++ fills in the defaults of a declaration, which are not read.
import type { Summary } from './summary.ts';

/** The summary, for a call with that many arguments; null: what it does depends on one that is left out. */
export function fitting(summary: Summary | null, count: number): Summary | null {
  const asks = summary?.outcomes.some(({ when }) =>
    when.some(({ path: { root } }) => root.kind === 'argument' && root.index >= count),
  );
  return asks === true ? null : summary;
}
