// The page of all findings with their replays: a list beside the heap panel, in one HTML file.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { escapeMarkup, jsonElement, pageDocument } from '../../simulator/page-document.ts';
import type { Severity } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import type { PageBundles } from './page-bundles.ts';

export interface FindingsPage {
  readonly title: string;
  readonly summary: string;
  readonly findings: readonly ListedFinding[];
}

export interface ListedFinding {
  readonly file: string;
  readonly line: number;
  readonly severity: Severity;
  readonly rule: string;
  readonly message: string;
  /** As the terminal shows it. */
  readonly text: string;
  /** null: nothing to replay. */
  readonly path: FlaggedPath | null;
}

export function findingsPage(
  { title, summary, findings }: FindingsPage,
  { panel, list }: PageBundles,
): string {
  const shown = findings.map(({ message, path }) => ({ title: message, path }));
  const body = [
    '<div class="report">',
    '<nav aria-label="Findings">',
    `<h1>${escapeMarkup(summary)}</h1>`,
    findings.length === 0
      ? '<p>Nothing was found.</p>'
      : '<p><kbd>n</kbd> next finding, <kbd>p</kbd> previous; <kbd>j</kbd> next step of the replay, <kbd>k</kbd> previous</p>',
    `<ol class="findings">${listed(findings)}</ol>`,
    '</nav>',
    '<div>',
    ...findings.map((finding, index) => article(finding, index)),
    `<div id="heap-panel"${findings.length === 0 ? ' hidden' : ''}></div>`,
    '</div>',
    '</div>',
    jsonElement('findings', shown),
  ];
  const styles = [panel.style, list.style];
  return pageDocument({ title, styles, scripts: [panel.script, list.script], body });
}

function listed(findings: readonly ListedFinding[]): string {
  const numbered = findings.map((finding, index) => ({ ...finding, number: index + 1 }));
  return Array.from(
    groupBy(numbered, ({ file }) => file),
    ([file, own]) => {
      const entries = own.map(
        ({ number, severity, rule, message, line }) =>
          `<a href="#finding-${number}">${escapeMarkup(message)}<small><b class="severity-${severity}">${severity}</b> line ${line}, ${escapeMarkup(rule)}</small></a>`,
      );
      return `<li><h2>${escapeMarkup(file)}</h2>${entries.join('')}</li>`;
    },
  ).join('');
}

function article({ text }: ListedFinding, index: number): string {
  return `<article class="finding" id="finding-${index + 1}" aria-label="Finding ${index + 1}"${index === 0 ? '' : ' hidden'}><pre tabindex="0">${escapeMarkup(text)}</pre></article>`;
}
