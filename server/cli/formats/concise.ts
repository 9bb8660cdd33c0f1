// One line per finding, in the shape compilers use, so every editor's problem matcher reads it.
import { printable } from '../display-text.ts';
import { certainty } from './full.ts';
import { LEVELS } from './gcc.ts';
import type { Format } from './report.ts';

export const formatConcise: Format = (report) =>
  report.findings
    .map(({ at, severity, rule, confidence, message }) => {
      const place = `${printable(at.file)}:${at.line}:${at.column}`;
      return `${place}: ${LEVELS[severity]}: ${printable(message)}${certainty(confidence)} [${rule}]\n`;
    })
    .join('');
