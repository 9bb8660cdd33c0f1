// A name for a finding that survives edits elsewhere in the file: made of the rule and of the text of
// the lines involved, never of line numbers.
import { createHash } from 'node:crypto';
import type { Span } from '../../../simulator/flagged-path.ts';
import type { Finding } from '../../finding.ts';
import type { SourceLines } from '../source-lines.ts';
import type { Report } from './report.ts';

/** Of what is told and of what is suppressed, so that a name does not depend on which is which. */
export function fingerprintsOf({
  findings,
  suppressed,
  linesOf,
}: Pick<Report, 'findings' | 'linesOf'> & {
  readonly suppressed: readonly { readonly finding: Finding }[];
}): ReadonlyMap<Finding, string> {
  const all = [...findings, ...suppressed.map(({ finding }) => finding)].toSorted(
    (a, b) => a.at.line - b.at.line || a.at.column - b.at.column,
  );
  return fingerprints(all, linesOf);
}

/** `findings` in the order of their lines; equal ones within a file are told apart by a counter. */
export function fingerprints(
  findings: readonly Finding[],
  linesOf: SourceLines,
): ReadonlyMap<Finding, string> {
  const seen = new Map<string, number>();
  const lineText = (at: Span): string =>
    (linesOf(at.file)[at.line - 1] ?? '').replaceAll(/\s+/g, ' ').trim();
  return new Map(
    findings.map((finding) => {
      const hash = digest(finding, lineText);
      const key = `${finding.at.file}\0${hash}`;
      const repeat = (seen.get(key) ?? 0) + 1;
      seen.set(key, repeat);
      return [finding, `${hash}:${repeat}`] as const;
    }),
  );
}

function digest(finding: Finding, lineText: (at: Span) => string): string {
  const first = finding.path[0]?.at ?? finding.at;
  const parts = [finding.rule, lineText(finding.at), lineText(first)];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}
