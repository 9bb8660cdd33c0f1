// A macro that hides a `return`, used over and over while a function holds a block: one release is missing, not one
// at each use. The first use tells of all of them.
import type { Span } from '../simulator/flagged-path.ts';
import type { Candidate } from './report.ts';
import type { Reported } from './flow/relevant-events.ts';
import { placeKey } from './flow/trace.ts';
import { groupBy } from './group-by.ts';
import { atLeast } from './settings.ts';
import type { SourceText } from './syntax/source-text.ts';

/** Characters. */
const MAX_NAME = 100;

/** The candidates, with one for all uses of one macro at which one block leaks; the others in their order. */
export function withoutRepeatedLeaks(
  candidates: readonly Candidate[],
  sources: ReadonlyMap<string, SourceText>,
): Candidate[] {
  const uses = groupBy(candidates, (candidate) => repeatKey(candidate, sources));
  return [...uses].flatMap(([key, alike]) => {
    const [first] = alike.toSorted(inOrder);
    if (key === null || first === undefined || alike.length === 1) return alike;
    const further = alike.length === 2 ? 'another use' : `${alike.length - 1} further uses`;
    const [macro] = key.split('\n');
    const message = `${first.report.message}, nor at ${further} of ${macro}`;
    return [{ ...first, report: { ...first.report, message } }];
  });
}

/** Where the block was allocated that a leak loses; null: it is no leak, or no call in view allocates it. */
export function lostBlock(event: Reported): string | null {
  if (event.kind !== 'leak') return null;
  const { origin } = event.subject;
  return origin?.kind === 'allocation' ? placeKey(origin.allocation.calledAt) : null;
}

/** The macro in whose use the block leaks, with the block; null: it leaks at no macro. */
function repeatKey(
  { rule, event }: Candidate,
  sources: ReadonlyMap<string, SourceText>,
): string | null {
  if (event.kind !== 'leak' || event.loss.how !== 'return') return null;
  const block = lostBlock(event);
  const macro = nameAt(sources.get(event.at.file), event.at);
  if (block === null || macro === undefined || macro === 'return') return null;
  return `${macro}\n${rule.id}\n${block}`;
}

/** The name that a call, or the use of a macro, starts with. */
function nameAt(source: SourceText | undefined, { line, column }: Span): string | undefined {
  const start = source?.offset(line, column) ?? 0;
  return /^(\w+)\s*\(/.exec(source?.text.slice(start, start + MAX_NAME) ?? '')?.[1];
}

/** The surest first; among those the first in the file. */
function inOrder(a: Candidate, b: Candidate): number {
  if (a.confidence !== b.confidence) return atLeast(a.confidence, b.confidence) ? -1 : 1;
  return a.event.at.line - b.event.at.line || a.event.at.column - b.event.at.column;
}
