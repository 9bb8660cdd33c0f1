// A verdict matrix for a terminal: where, how it ends there, and what decides. Styles are meanings, not
// colors. Not more than 80 columns.
import type { EndKind } from './judgment.ts';
import { plain, printable, styled, type TextLine, type TextStyle, wrap } from './styled-text.ts';
import { modelLabel } from './target.ts';
import type { VerdictMatrix, VerdictRow } from './verdict.ts';
import { endDetail, endLabel, endWords, ruledWords, whereWords } from './verdict-words.ts';

const WIDTH = 80;
/** Room for the longest label. */
const LABEL = 17;

const STYLES: Readonly<Record<EndKind, TextStyle>> = {
  'dies here': 'fault',
  'dies earlier': 'fault',
  'dies later': 'fault',
  hangs: 'fault',
  overlap: 'bad',
  silent: 'bad',
  unknown: 'bad',
  leak: 'bad',
  harmless: 'good',
  clean: 'good',
};

export function verdictText(matrix: VerdictMatrix): readonly TextLine[] {
  return [
    [styled('How it ends', 'heading'), styled(`  ${modelLabel(matrix.model)}`, 'label')],
    ...matrix.rows.flatMap((row) => rowText(row, whereWords(row, matrix))),
    ...matrix.byRule.flatMap((row) => rowText(row, ruledWords(row))),
  ];
}

type Ending = Pick<VerdictRow, 'end' | 'others' | 'dependsOn'>;

function rowText(row: Ending, where: string): readonly TextLine[] {
  const label = endLabel(row.end).toUpperCase();
  const [first = '', ...rest] = wrapped(endDetail(row.end));
  return [
    ...wrap(where, WIDTH - 2, '  ').map((line): TextLine => [plain(`  ${line}`)]),
    [plain('    '), styled(label.padEnd(LABEL), STYLES[row.end.kind]), plain(first)],
    ...rest.map(continued),
    ...certaintyText(row),
  ];
}

function certaintyText({ dependsOn, others }: Ending): readonly TextLine[] {
  if (dependsOn.length === 0) return [];
  const also = others.map((end) => `or ${endLabel(end)}: ${endDetail(end)}`);
  return [`depends on ${dependsOn.join(' and ')}`, ...also].flatMap((text) =>
    wrapped(text).map((line): TextLine => [plain(' '.repeat(4 + LABEL)), styled(line, 'dim')]),
  );
}

function wrapped(text: string): readonly string[] {
  return wrap(printable(text), WIDTH - 4 - LABEL, '  ');
}

function continued(line: string): TextLine {
  return [plain(' '.repeat(4 + LABEL) + line)];
}

/** A line for each row, for a list of findings: `release build: dies at the flagged step with …`. */
export function verdictLines(matrix: VerdictMatrix): readonly string[] {
  return [
    ...matrix.rows.map((row) => lineOf(row, whereWords(row, matrix))),
    ...matrix.byRule.map((row) => lineOf(row, ruledWords(row))),
  ];
}

function lineOf({ end, dependsOn }: Ending, where: string): string {
  const hangs = dependsOn.length > 0 ? ` (depends on ${dependsOn.join(' and ')})` : '';
  return printable(`${where}: ${endWords(end)}${hangs}`);
}
