// Reviewdog Diagnostic Format. Its columns count the bytes of UTF-8; see reviewdog/proto/rdf.
import type { Span } from '../../../simulator/flagged-path.ts';
import type { Severity } from '../../finding.ts';
import { certainty } from './full.ts';
import type { Format, Report } from './report.ts';

export const formatRdjson: Format = (report) => {
  const diagnostics = report.findings.map((finding) => {
    const { at, rule, severity, confidence, message, path, fixes } = finding;
    const [fix] = fixes;
    // A suggestion is an edit of the place's own file.
    const edits = fix?.edits.every((edit) => edit.at.file === at.file) === true ? fix.edits : [];
    return {
      message: `${message}${certainty(confidence)}`,
      location: { path: at.file, range: range(at, report) },
      severity: SEVERITIES[severity],
      source: { name: 'pymem-lint' },
      code: { value: rule },
      ...(edits.length === 0
        ? {}
        : {
            suggestions: edits.map((edit) => ({
              range: range(edit.at, report),
              text: edit.newText,
            })),
          }),
      ...(path.length === 0
        ? {}
        : {
            related_locations: path.map((step) => ({
              message: step.message,
              location: { path: step.at.file, range: range(step.at, report) },
            })),
          }),
    };
  });
  return `${JSON.stringify({ source: { name: 'pymem-lint' }, diagnostics }, null, 2)}\n`;
};

const SEVERITIES = { error: 'ERROR', warning: 'WARNING', info: 'INFO' } satisfies Record<
  Severity,
  string
>;

function range(at: Span, { linesOf }: Pick<Report, 'linesOf'>): object {
  const lines = linesOf(at.file);
  const position = (line: number, column: number): object => ({
    line,
    column: Buffer.byteLength((lines[line - 1] ?? '').slice(0, column - 1)) + 1,
  });
  return { start: position(at.line, at.column), end: position(at.endLine, at.endColumn) };
}
