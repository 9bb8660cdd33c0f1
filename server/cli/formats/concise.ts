// One line per finding, in the shape compilers use, so every editor's problem matcher reads it.
import { printable } from '../display-text.ts';
import { certainty } from './full.ts';
import type { Format } from './report.ts';

export const formatConcise: Format = (report) =>
  report.findings
    .map(({ at, severity, rule, confidence, message }) => {
      const place = `${printable(at.file)}:${at.line}:${at.column}`;
      // Compilers say "note" where we say "info".
      const level = severity === 'info' ? 'note' : severity;
      return `${place}: ${level}: ${printable(message)}${certainty(confidence)} [${rule}]\n`;
    })
    .join('');
