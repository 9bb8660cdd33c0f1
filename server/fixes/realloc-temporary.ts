// `p = realloc(p, n)` with a check of p behind it: the result goes to a variable of its own first, so that a
// failure leaves p as it was; a block that nobody else holds is released there.
import type { Family } from '../../simulator/families.ts';
import type { FlaggedPath, Step } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { Release } from '../flow/value.ts';
import { preferredRelease } from '../knowledge/release.ts';
import { apiRow } from '../knowledge/row.ts';
import { isCxxFileName } from '../syntax/language.ts';
import { type FunctionText, verbatim } from './function-text.ts';

const TEMPORARY = 'resized';

export function reallocThroughTemporary(
  fn: FunctionText,
  release: Release,
  path: FlaggedPath,
): Fix | null {
  // There the temporary would need the pointer's own type.
  if (isCxxFileName(fn.source.file) || new RegExp(`\\b${TEMPORARY}\\b`).test(fn.code)) return null;
  const call = fn.callAt(fn.offsetOf(release.calledAt));
  const { pointerArg, family } = release.row;
  const argument = pointerArg === null ? undefined : call?.args[pointerArg];
  if (call === null || call === undefined || argument === undefined || family === null) return null;
  const place = fn.text(argument.start, argument.end).trim();
  const from = fn.statementStart(call.start);
  const target = fn.skipBlanks(from);
  const assignment = /^([^=]+?)\s*=\s*(?:\([^()]*\*\s*\)\s*)?$/.exec(
    fn.code.slice(target, call.start),
  );
  const end = fn.skipBlanks(call.end);
  if (assignment?.[1] !== place || fn.code[end] !== ';') return null;
  const check = checkBehind(fn, end + 1, place);
  if (check === null) return null;
  const isLocal = /^[A-Za-z_]\w*$/.test(place);
  const free = isLocal && !check.releases ? preferredRelease({ row: release.row, family }) : null;
  const freeRow = free === null ? undefined : apiRow(free);
  if (isLocal && !check.releases && freeRow?.pointerArg !== 0) return null;
  const indent = fn.indentAt(target);
  const inner = `${indent}${fn.unit}`;
  const kept = fn.text(check.bodyStart, check.bodyEnd).trim();
  const body = free === null ? kept : `${free}(${place});\n${inner}${kept}`;
  const resize = fn.text(target + assignment[0].length, call.end);
  return {
    title: 'Resize through a temporary',
    edits: [
      {
        at: fn.span(target, check.end),
        newText: `void *${TEMPORARY} = ${resize};\n${indent}if (${TEMPORARY} == NULL) {\n${inner}${body}\n${indent}}\n${indent}${place} = ${TEMPORARY};`,
      },
    ],
    isSafe: false,
    path: pathAfter(path, release, free, family, isLocal || check.releases),
  };
}

export interface Check {
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Behind the whole statement. */
  readonly end: number;
  /** The body releases the pointer itself. */
  readonly releases: boolean;
}

/** `if (p == NULL) …` next in the text, whose body leaves and has no `else`; null: something else is. */
export function checkBehind(fn: FunctionText, from: number, place: string): Check | null {
  const name = verbatim(place);
  const test = new RegExp(
    `^\\s*if\\s*\\(\\s*(?:${name}\\s*==\\s*NULL|NULL\\s*==\\s*${name}|!\\s*${name})\\s*\\)\\s*`,
  ).exec(fn.code.slice(from, fn.end));
  if (test === null) return null;
  const start = from + test[0].length;
  const isBlock = fn.code[start] === '{';
  const close = isBlock ? fn.code.indexOf('}', start) : fn.code.indexOf(';', start) + 1;
  if (close <= 0) return null;
  const [bodyStart, bodyEnd, end] = isBlock ? [start + 1, close, close + 1] : [start, close, close];
  const body = fn.code.slice(bodyStart, bodyEnd);
  if (/[{]/.test(body) || !/\b(?:return\b[^;]*|goto\s+\w+\s*);\s*$/.test(body)) return null;
  if (/^\s*else\b/.test(fn.code.slice(end, fn.end))) return null;
  const mentioned = new RegExp(`\\b${name}\\b`).test(body);
  const called = /([A-Za-z_]\w*)\s*\(\s*([^()]*?)\s*\)\s*;/.exec(body);
  const releases = called?.[2] === place && apiRow(called[1] ?? '')?.role === 'free';
  // A block that a jump leads to may do anything with it.
  if ((mentioned && !releases) || /\bgoto\b/.test(body)) return null;
  return { bodyStart, bodyEnd, end, releases };
}

/** The resize fails, and the old block is released, or stays with its owner. */
export function pathAfter(
  path: FlaggedPath,
  release: Release,
  free: string | null,
  family: Family,
  isReleased: boolean,
): FlaggedPath | null {
  const at = path.steps.findIndex(
    (step) => step.kind === 'realloc' && step.at.line === release.at.line,
  );
  const step = path.steps[at];
  if (step?.kind !== 'realloc') return null;
  const steps: Step[] = path.steps.slice(0, at + 1);
  if (isReleased) {
    const { at: place, text, block, pointer } = step;
    const api = free ?? release.api;
    steps.push({ at: place, text, kind: 'free', block, pointer, api, family, offset: 0 });
  }
  return { ...path, steps, fault: steps.length - 1 };
}
