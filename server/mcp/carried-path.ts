// The flagged path as it runs in an edited text: where the edit is one of the fixes that were offered, or where it
// does nothing but call other functions in the same places. null wherever that is not sure.
import { diffArrays } from 'diff';
import type { FlaggedPath, Step } from '../../simulator/flagged-path.ts';
import { editsOf, editText } from '../cli/fix/edit-text.ts';
import type { Finding } from '../finding.ts';
import { takesTheSame } from '../fixes/equivalent.ts';
import { apiRow } from '../knowledge/row.ts';

export function carriedPath(finding: Finding, before: string, after: string): FlaggedPath | null {
  const offered = finding.fixes.find(
    (fix) => squeezed(editText(before, editsOf([{ finding, fix }]))) === squeezed(after),
  );
  if (offered !== undefined) return offered.path;
  const lines = changedLines(before, after);
  if (lines === null) return null;
  const steps: Step[] = [];
  for (const step of finding.flaggedPath.steps) {
    const change = step.at.file === finding.at.file ? lines.get(step.at.line) : undefined;
    const carried = change === undefined ? step : withOtherCall(step, change);
    if (carried === null) return null;
    steps.push(carried);
  }
  return { ...finding.flaggedPath, steps };
}

interface Change {
  readonly before: string;
  readonly after: string;
}

/** By the line before, from 1; null: something else than names of called functions changed. */
function changedLines(before: string, after: string): ReadonlyMap<number, Change> | null {
  const changes = new Map<number, Change>();
  let line = 1;
  let removed: readonly string[] = [];
  for (const part of diffArrays(before.split(/\r?\n/), after.split(/\r?\n/))) {
    if (part.removed) {
      removed = part.value;
      continue;
    }
    if (part.added) {
      if (part.value.length !== removed.length) return null;
      for (const [index, own] of removed.entries()) {
        const change = { before: own, after: part.value[index] ?? '' };
        if (withoutNames(change.before) !== withoutNames(change.after)) return null;
        changes.set(line + index, change);
      }
      line += removed.length;
      removed = [];
      continue;
    }
    if (removed.length > 0) return null;
    line += part.value.length;
  }
  return removed.length > 0 ? null : changes;
}

const CALLS = /\b([A-Za-z_]\w*)(?=\s*\()/g;

/** Functions of one heap role look the same. */
function withoutNames(line: string): string {
  const named = line.replaceAll(CALLS, (name) => {
    const row = apiRow(name);
    return row === undefined || row.family === null ? name : `<${row.role}>`;
  });
  return squeezed(named);
}

/** The step with the function that is called in its place now; null: which one is not sure. */
function withOtherCall(step: Step, { before, after }: Change): Step | null {
  if (step.kind !== 'alloc' && step.kind !== 'realloc' && step.kind !== 'free') return step;
  const old = namesIn(before);
  const index = old.indexOf(step.api);
  if (index < 0 || old.lastIndexOf(step.api) !== index) return null;
  const [from, to] = [apiRow(step.api), apiRow(namesIn(after)[index] ?? '')];
  if (from === undefined || to === undefined || to.family === null) return null;
  if (from.role !== to.role || from.zeroed !== to.zeroed || !takesTheSame(from, to)) return null;
  return { ...step, api: to.name, family: to.family };
}

function namesIn(line: string): string[] {
  return Array.from(line.matchAll(CALLS), ([, name = '']) => name);
}

/** White space is no part of what runs. */
function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
