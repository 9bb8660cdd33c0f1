// As compilers write: a line for the finding and a note for each step, which every problem matcher and editor
// reads. Columns count UTF-16 units.
import type { Span } from '../../../simulator/flagged-path.ts';
import { printable } from '../display-text.ts';
import type { Severity } from '../../finding.ts';
import { certainty } from './full.ts';
import type { Format } from './report.ts';

export const formatGcc: Format = (report) =>
  report.findings
    .map(({ at, severity, rule, confidence, message, path }) => {
      const text = `${printable(message)}${certainty(confidence)} [${rule}]`;
      const notes = path.map((step, index) => {
        return line(step.at, 'note', `(${index + 1}) ${printable(step.message)}`);
      });
      return [line(at, LEVELS[severity], text), ...notes].join('');
    })
    .join('');

/** Compilers say "note" where we say "info". */
export const LEVELS = {
  error: 'error',
  warning: 'warning',
  info: 'note',
} as const satisfies Record<Severity, string>;

function line(at: Span, level: string, text: string): string {
  return `${printable(at.file)}:${at.line}:${at.column}: ${level}: ${text}\n`;
}
