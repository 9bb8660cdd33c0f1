// One of two releases of the same variable: the second goes where it always follows the first; elsewhere the first
// one leaves NULL behind, which a release takes.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { Release } from '../flow/value.ts';
import { apiRow } from '../knowledge/row.ts';
import { isStraight, mayReach } from './control-flow.ts';
import type { CallText, FunctionText } from './function-text.ts';
import { insertBehind, leaveOut } from './statement-edits.ts';
import { releaseStatement, withoutRelease } from './leave-out-release.ts';
import { localVariable, writesOf } from './local-variable.ts';
import { isTested, useAt } from './pointer-use.ts';

/** Of one name in a function; each is a walk through its text. */
const MAX_USES = 60;

/** The usual one first; empty where neither is sure. */
export function releaseOnce(
  fn: FunctionText,
  release: Release,
  freedBy: Release,
  path: FlaggedPath,
): Fix[] {
  if (freedBy.calledAt.file !== fn.source.file) return [];
  const second = releaseStatement(fn, release);
  const first = releaseStatement(fn, freedBy);
  if (first === null || second === null || first.name !== second.name) return [];
  if (release.row.role !== 'free' || freedBy.row.role !== 'free') return [];
  const { name } = second;
  const isLocal = localVariable(fn, name) !== null;
  if (!isLocal && !new RegExp(`\\b${name}\\b`).test(fn.head)) return [];
  if (fn.usesOf(name).length > MAX_USES) return [];
  const fixes = [
    leaveOutSecond(fn, { name, first: first.call, second: second.call }, release, path),
    nullAfter(fn, { name, first: first.call, second: second.call }, path),
  ];
  return fixes.filter((fix) => fix !== null);
}

interface Pair {
  readonly name: string;
  readonly first: CallText;
  readonly second: CallText;
}

/** Nothing else happens to the variable in between, and nobody gets between them. */
function leaveOutSecond(
  fn: FunctionText,
  { name, first, second }: Pair,
  release: Release,
  path: FlaggedPath,
): Fix | null {
  if (first.start >= second.start) return null;
  const between = fn.code.slice(first.end + 1, second.start);
  const isWritten = writesOf(fn, name).some((at) => first.end < at && at < second.start);
  if (!isStraight(between) || isWritten) return null;
  const from = fn.skipBlanks(fn.statementStart(second.start));
  const to = fn.code.indexOf(';', second.end) + 1;
  return {
    title: `Leave the second ${release.api}(${name}) out`,
    edits: [leaveOut(fn, from, to)],
    isSafe: true,
    path: withoutRelease(path),
  };
}

/** `p = NULL;` behind the first. Null where somebody may ask the pointer for more. */
function nullAfter(fn: FunctionText, { name, first, second }: Pair, path: FlaggedPath): Fix | null {
  const end = fn.code.indexOf(';', first.end) + 1;
  const writes = writesOf(fn, name);
  // Or it is another one that came to the variable meanwhile.
  if (!mayReach(fn, end, second.start, writes)) return null;
  let isSafe = true;
  for (const at of fn.usesOf(name)) {
    const isOwn = first.start < at && at < end;
    if (isOwn || writes.includes(at) || !mayReach(fn, end, at, writes)) continue;
    const use = useAt(fn, at, name);
    if (use === null) return null;
    if (use === 'harmless') {
      const before = fn.code.slice(fn.statementStart(at), at);
      if (isTested(before, fn.code.slice(fn.skipBlanks(at + name.length)))) isSafe = false;
    } else if (apiRow(use.name)?.nullOk !== true) return null;
  }
  return {
    title: `Set '${name}' to NULL after its first release`,
    edits: insertBehind(fn, end, `${name} = NULL;`),
    isSafe,
    path: withoutRelease(path),
  };
}
