// Moves a block to another family: its allocation, its resizes and its releases, all in one function. Only
// for a local pointer that holds nothing else and that nobody else gets to see; null where that is not sure.
import type { Family } from '../../simulator/families.ts';
import type { FlaggedPath, Step } from '../../simulator/flagged-path.ts';
import type { Edit } from '../finding.ts';
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import { equivalentIn } from './equivalent.ts';
import type { CallText, FunctionText } from './function-text.ts';
import { localVariable } from './local-variable.ts';
import { useAt } from './pointer-use.ts';

export interface FamilyChange {
  readonly edits: readonly Edit[];
  /** Their calls, as they are afterwards, in the order of the text. */
  readonly names: readonly string[];
  readonly path: FlaggedPath;
}

export function changeFamily(
  fn: FunctionText,
  pointer: string,
  family: Family,
  path: FlaggedPath,
): FamilyChange | null {
  if (localVariable(fn, pointer) === null) return null;
  const calls: CallText[] = [];
  let results = 0;
  for (const at of fn.usesOf(pointer)) {
    const use = useAt(fn, at, pointer);
    if (use === null) return null;
    if (use === 'harmless') continue;
    if (use.start > at) results++;
    if (!calls.some(({ start }) => start === use.start)) calls.push(use);
  }
  // What a resize gives must come back to the pointer, and nothing else into it but blocks.
  const giving = calls.filter(({ name }) => apiRow(name)?.role !== 'free');
  if (results !== giving.length) return null;
  const edits: Edit[] = [];
  const changed = new Map<string, ApiRow>();
  for (const { name, start } of calls) {
    const row = apiRow(name);
    if (row === undefined) return null;
    const to = row.family === family ? row : equivalentIn(family, row);
    if (to === null) return null;
    const at = fn.span(start, start + name.length);
    changed.set(`${at.line}:${at.column}`, to);
    if (to !== row) edits.push({ at, newText: to.name });
  }
  if (edits.length === 0) return null;
  const steps = path.steps.map((step) => {
    const to = changed.get(`${step.at.line}:${step.at.column}`);
    return to === undefined ? step : withRow(step, to, family);
  });
  const names = [...new Set(edits.map(({ newText }) => newText))];
  return { edits, names, path: { ...path, steps } };
}

export function withRow(step: Step, row: ApiRow, family: Family): Step {
  const calls = step.kind === 'alloc' || step.kind === 'realloc' || step.kind === 'free';
  return calls ? { ...step, api: row.name, family } : step;
}
