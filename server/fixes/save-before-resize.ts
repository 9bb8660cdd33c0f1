// A macro that resizes in place leaves NULL when it fails: the pointer is saved first, and what it pointed to is
// released, or given back to its owner, where the failure is handled.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { Release } from '../flow/value.ts';
import { preferredRelease } from '../knowledge/release.ts';
import { apiRow } from '../knowledge/row.ts';
import { isCxxFileName } from '../syntax/language.ts';
import type { FunctionText } from './function-text.ts';
import { insertBefore } from './statement-edits.ts';
import { freshName } from './local-variable.ts';
import { checkBehind, pathAfter } from './realloc-temporary.ts';

export function saveBeforeResize(
  fn: FunctionText,
  release: Release,
  path: FlaggedPath,
): Fix | null {
  const { row, calledAt, through } = release;
  const { pointerArg, family } = row;
  const call = through.length === 0 ? fn.callAt(fn.offsetOf(calledAt)) : null;
  const argument = pointerArg === null ? undefined : call?.args[pointerArg];
  // There the variable would need the pointer's own type.
  if (call === null || argument === undefined || family === null || isCxxFileName(fn.source.file))
    return null;
  const place = fn.text(argument.start, argument.end).trim();
  if (!fn.isStatement(call) || !/^\w+(?:(?:->|\.)\w+)*$/.test(place)) return null;
  const check = checkBehind(fn, fn.skipBlanks(call.end) + 1, place);
  const old = freshName(fn, 'old', 'before_resize');
  if (check === null || check.releases || old === null) return null;
  const isLocal = /^\w+$/.test(place);
  const free = isLocal ? preferredRelease({ row, family }) : null;
  if (isLocal && (free === null || apiRow(free)?.pointerArg !== 0)) return null;
  const start = fn.skipBlanks(fn.statementStart(call.start));
  const kept = { start: fn.skipBlanks(check.bodyStart), end: check.bodyEnd };
  const saved = insertBefore(fn, { start, end: call.end }, `void *${old} = ${place};`);
  const handled = insertBefore(fn, kept, free === null ? `${place} = ${old};` : `${free}(${old});`);
  if (saved === null || handled === null) return null;
  return {
    title: `Save '${place}' before the resize`,
    edits: [...saved, ...handled],
    isSafe: false,
    path: pathAfter(path, release, free, family, isLocal),
  };
}
