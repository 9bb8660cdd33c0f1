// Workflow commands of GitHub Actions: each finding becomes an annotation of the changed files.
// Follows actions/toolkit, packages/core/src/command.ts, for what has to be escaped.
import { printable } from '../display-text.ts';
import type { Severity } from '../../finding.ts';
import { certainty } from './full.ts';
import type { Format } from './report.ts';

export const formatGithub: Format = (report) =>
  report.findings
    .map(({ at, severity, rule, confidence, message, path }) => {
      const steps = path.map((step, index) => {
        return `${index + 1}. ${step.at.file}:${step.at.line}: ${printable(step.message)}`;
      });
      const properties = {
        title: `pymem-lint (${rule})`,
        file: at.file,
        line: at.line,
        endLine: at.endLine,
        // Columns are heeded within one line only.
        ...(at.line === at.endLine ? { col: at.column, endColumn: at.endColumn } : {}),
      };
      const written = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
      const text = [`${printable(message)}${certainty(confidence)}`, ...steps].join('\n');
      return `::${COMMANDS[severity]} ${written.join(',')}::${data(text)}\n`;
    })
    .join('');

const COMMANDS = { error: 'error', warning: 'warning', info: 'notice' } satisfies Record<
  Severity,
  string
>;

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(value: string | number): string {
  return data(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
