// FILE:LINE on the command line: the place it means, the files it is seen with, the finding nearest to it.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isC } from '../files/c-files.ts';
import { disk } from '../files/disk.ts';
import type { Finding } from '../finding.ts';
import { UsageError } from './exit.ts';

export interface Place {
  readonly file: string;
  /** null: none was given. */
  readonly line: number | null;
}

/** `file`, `file:line` or `file:line:column`, as editors and compilers write it. */
export function parsePlace(text: string, cwd: string): Place {
  const kind = disk.stat(resolve(cwd, text))?.kind ?? null;
  if (kind === 'file') return { file: text, line: null };
  if (kind !== null) {
    throw new UsageError(`'${text}' is not a file: name one, and the line of a finding in it.`);
  }
  const match = /^(.+?):(\d+)(?::\d+)?$/.exec(text);
  if (match === null) {
    const [, named = '', other = ''] = /^(.+?):([^/\\]*)$/.exec(text) ?? [];
    if (named !== '' && existsSync(resolve(cwd, named))) {
      throw new UsageError(`'${text}': '${other}' is not a line number.`);
    }
    return { file: text, line: null };
  }
  const [, file = '', line = ''] = match;
  if (Number(line) < 1) throw new UsageError(`'${text}': lines count from 1.`);
  return { file, line: Number(line) };
}

/** Beyond, a folder is no single program. */
const MAX_SIBLINGS = 80;

/** A file and the C files beside it: what happens in it may begin there, as a check of the folder sees it. */
export function withSiblings(file: string, cwd: string): readonly string[] {
  const path = resolve(cwd, file);
  if (!isFile(path)) return [file];
  const folder = dirname(path);
  const others = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((other) => isC(other) && other !== path && isFile(other));
  return others.length > MAX_SIBLINGS ? [file] : [file, ...others];
}

function isFile(path: string): boolean {
  return disk.stat(path)?.kind === 'file';
}

/**
 * The finding whose report is nearest to the line; of two, the one whose path passes nearer. What a check
 * does not show is meant only where it is reported on that very line, or where nothing is shown.
 * Throws UsageError when there is none.
 */
export function findingAt(
  findings: readonly Finding[],
  place: Place,
  isShown: (finding: Finding) => boolean = () => true,
): Finding {
  const { line } = place;
  const shown = findings.filter(isShown);
  const here = (all: readonly Finding[]): Finding[] => all.filter(({ at }) => at.line === line);
  const passing = line === null ? [] : shown.filter((f) => nearestStep(f, line) === 0);
  const candidates =
    [here(shown), passing, here(findings), shown, findings].find((all) => all.length > 0) ?? [];
  const [first] = candidates;
  if (first === undefined) throw new UsageError(`${place.file} has no finding to replay.`);
  if (line === null) return first;
  return candidates.reduce((best, finding) => (isNearer(finding, best, line) ? finding : best));
}

function isNearer(left: Finding, right: Finding, line: number): boolean {
  const [reportLeft, reportRight] = [left, right].map(({ at }) => Math.abs(at.line - line));
  if (reportLeft === undefined || reportRight === undefined) return false;
  const [nearLeft, nearRight] = [nearestStep(left, line), nearestStep(right, line)];
  if (Math.min(reportLeft, nearLeft) !== Math.min(reportRight, nearRight)) {
    return Math.min(reportLeft, nearLeft) < Math.min(reportRight, nearRight);
  }
  return reportLeft < reportRight;
}

/** Lines between `line` and the nearest step of the path in the finding's own file. */
function nearestStep(finding: Finding, line: number): number {
  const own = finding.path.filter(({ at }) => at.file === finding.at.file);
  return Math.min(Number.MAX_SAFE_INTEGER, ...own.map(({ at }) => Math.abs(at.line - line)));
}

/** Whether `replay` finds a finding again, and can show it: it sees the files beside the one that is named. */
export function isFoundAgain({ at, path, flaggedPath }: Finding, cwd: string): boolean {
  if (flaggedPath.steps.length === 0) return false;
  const others = path.map((step) => step.at.file).filter((file) => file !== at.file);
  if (others.length === 0) return true;
  const seen = new Set(withSiblings(at.file, cwd).map((file) => resolve(cwd, file)));
  return others.every((file) => seen.has(resolve(cwd, file)));
}
