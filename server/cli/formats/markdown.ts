// Markdown for the summary of a CI job or a comment: a table, then each finding with its path.
import { count, findingText } from './full.ts';
import { printable } from '../display-text.ts';
import type { Format, Report } from './report.ts';
import { PLAIN } from '../terminal.ts';
import type { Finding } from '../../finding.ts';

export const formatMarkdown: Format = (report, options) => {
  const files = count(report.stats.files, 'file');
  const { length } = report.findings;
  const title = `## pymem-lint: ${length === 0 ? 'no findings' : count(length, 'finding')} in ${files}`;
  if (length === 0) return `${title}\n`;
  const shownRows = fitting(report.findings, MOST_ROWS, ({ at, severity, rule, message }) => {
    const place = code(`${at.file}:${at.line}`);
    return `| ${severity} | ${place} | ${cell(message)} | ${code(rule)} |`;
  });
  const table = ['| | place | finding | rule |', '|---|---|---|---|', ...shownRows].join('\n');
  const shownDetails = fitting(report.findings, MOST_DETAILS, (finding) =>
    detail(finding, report, options),
  );
  const more = length - shownDetails.length;
  const rest = more === 0 ? [] : [`${count(more, 'more finding')}, too long for a summary.`];
  return `${[title, table, ...shownDetails, ...rest].join('\n\n')}\n`;
};

/** In bytes: together less than the 1 MiB that GitHub takes for the summary of a job. */
const MOST_ROWS = 300_000;
const MOST_DETAILS = 700_000;

/** The texts of the first ones, as many as there is room for; no more are made. */
function fitting(
  findings: readonly Finding[],
  most: number,
  textOf: (finding: Finding) => string,
): readonly string[] {
  const texts: string[] = [];
  let size = 0;
  for (const finding of findings) {
    const text = textOf(finding);
    size += Buffer.byteLength(text) + 2;
    if (size > most) break;
    texts.push(text);
  }
  return texts;
}

function detail(finding: Finding, report: Report, { withVerdict }: Parameters<Format>[1]): string {
  const text = findingText(finding, report, { colors: PLAIN, columns: null, withVerdict });
  // Longer than any run of backticks in the source.
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const head = `${finding.at.file}:${finding.at.line}: ${finding.message}`;
  return `<details>\n<summary>${html(printable(head))}</summary>\n\n${fence}text\n${text}\n${fence}\n\n</details>`;
}

function cell(text: string): string {
  return html(printable(text))
    .replaceAll(/[|\\`*_[\]]/g, '\\$&')
    .replaceAll(/\s+/g, ' ');
}

function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return `${fence}${text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')}${fence}`;
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
