// Findings under the name of their file, aligned: for a person who works through file by file.
import { groupBy } from '../../group-by.ts';
import { printable } from '../display-text.ts';
import { certainty, SEVERITY_COLOR, summary } from './full.ts';
import type { Format } from './report.ts';

export const formatGrouped: Format = (report, options) => {
  const { colors, isQuiet } = options;
  const blocks = Array.from(
    groupBy(report.findings, ({ at }) => at.file),
    ([file, findings]) => {
      const places = findings.map(({ at }) => `${at.line}:${at.column}`);
      const width = Math.max(...places.map((place) => place.length));
      const levels = Math.max(...findings.map(({ severity }) => severity.length));
      const lines = findings.map(({ severity, rule, confidence, message }, index) => {
        const place = colors.dim((places[index] ?? '').padStart(width));
        const level = colors[SEVERITY_COLOR[severity]](severity.padEnd(levels));
        return `  ${place}  ${level}  ${printable(message)}${certainty(confidence)}  ${colors.dim(rule)}`;
      });
      return [colors.bold(printable(file)), ...lines].join('\n');
    },
  );
  if (!isQuiet) blocks.push(summary(report, options));
  return blocks.length === 0 ? '' : `${blocks.join('\n\n')}\n`;
};
