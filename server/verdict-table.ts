// A verdict matrix as a Markdown table: how a path ends on each simulated build, for hovers and rule pages.
import type { RuledRow, VerdictMatrix, VerdictRow } from '../simulator/verdict.ts';
import { endDetail, endLabel, ruledWords, whereWords } from '../simulator/verdict-words.ts';

/** The lines of the table; the first cell of its head says that it is simulated. */
export function verdictTable(matrix: VerdictMatrix): readonly string[] {
  return [
    '| Simulated on | |',
    '|---|---|',
    ...matrix.rows.map((row) => line(whereWords(row, matrix), row)),
    ...matrix.byRule.map((row) => line(ruledWords(row), row)),
  ];
}

function line(where: string, { end, dependsOn }: VerdictRow | RuledRow): string {
  const on = dependsOn.length > 0 ? ` *Depends on ${dependsOn.join(' and ')}.*` : '';
  return `| ${cell(where)} | **${endLabel(end)}.** ${cell(endDetail(end))}${on} |`;
}

function cell(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|~&]/g, '\\$&');
}
