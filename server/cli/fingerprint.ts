// A name for a finding that survives edits elsewhere in the file: made of the rule and of the text of
// the lines involved, never of line numbers.
import { createHash } from 'node:crypto';
import type { Span } from '../../simulator/flagged-path.ts';
import type { Finding } from '../finding.ts';
import type { Report } from './report.ts';

/** One per finding, in the same order; equal ones within a file are told apart by a counter. */
export function fingerprints(report: Pick<Report, 'findings' | 'linesOf'>): string[] {
  const seen = new Map<string, number>();
  const lineText = (at: Span): string =>
    (report.linesOf(at.file)[at.line - 1] ?? '').replaceAll(/\s+/g, ' ').trim();
  return report.findings.map((finding) => {
    const hash = digest(finding, lineText);
    const key = `${finding.at.file}\0${hash}`;
    const repeat = (seen.get(key) ?? 0) + 1;
    seen.set(key, repeat);
    return `${hash}:${repeat}`;
  });
}

function digest(finding: Finding, lineText: (at: Span) => string): string {
  const first = finding.path[0]?.at ?? finding.at;
  const parts = [finding.rule, lineText(finding.at), lineText(first)];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}
