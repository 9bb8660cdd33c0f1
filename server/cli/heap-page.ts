// The self-contained HTML pages: of one replay, and of all findings with their replays. Both are the heap
// panel's script and style around flagged paths, under a policy that runs nothing else and loads nothing.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { Severity } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import { UsageError } from './exit.ts';

export interface HeapPage {
  readonly title: string;
  readonly path: FlaggedPath;
  /** The panel's bundle, a classic script. */
  readonly script: string;
  readonly style: string;
}

/** The built bundles that pages are made of. */
export interface PageBundles {
  readonly panel: { readonly script: string; readonly style: string };
  /** What lists findings beside the panel. */
  readonly list: { readonly script: string; readonly style: string };
}

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

/** `dist` is the folder of the bundles. Throws UsageError when they are not built. */
export function readPanel(dist: string): PageBundles['panel'] {
  return { script: bundle(dist, 'heap-panel.js'), style: bundle(dist, 'heap-panel.css') };
}

/** The same, of everything. */
export function readBundles(dist: string): PageBundles {
  return {
    panel: readPanel(dist),
    list: { script: bundle(dist, 'findings-page.js'), style: bundle(dist, 'findings-page.css') },
  };
}

function bundle(dist: string, name: string): string {
  try {
    // The page stands alone: a source map beside the bundle is not beside the page.
    return readFileSync(join(dist, name), 'utf8').replace(
      /\n(?:\/\/|\/\*)# sourceMappingURL=.*/,
      '',
    );
  } catch {
    throw new UsageError(`the heap panel is not built (${name} is missing): run npm run build.`);
  }
}

export function heapPage(page: HeapPage): string {
  return document(
    page.title,
    [page.style],
    [page.script],
    [
      '<div id="heap-panel"></div>',
      `<script type="application/json" id="flagged-path">${jsonInScript(page.path)}</script>`,
    ],
  );
}

export function findingsPage(
  { title, summary, findings }: FindingsPage,
  { panel, list }: PageBundles,
): string {
  const shown = findings.map(({ message, path }) => ({ title: message, path }));
  const body = [
    '<div class="report">',
    '<nav aria-label="Findings">',
    `<h1>${escapeText(summary)}</h1>`,
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
    `<script type="application/json" id="findings">${jsonInScript(shown)}</script>`,
  ];
  return document(title, [panel.style, list.style], [panel.script, list.script], body);
}

function listed(findings: readonly ListedFinding[]): string {
  const numbered = findings.map((finding, index) => ({ ...finding, number: index + 1 }));
  return Array.from(
    groupBy(numbered, ({ file }) => file),
    ([file, own]) => {
      const entries = own.map(
        ({ number, severity, rule, message, line }) =>
          `<a href="#finding-${number}">${escapeText(message)}<small><b class="severity-${severity}">${severity}</b> line ${line}, ${escapeText(rule)}</small></a>`,
      );
      return `<li><h2>${escapeText(file)}</h2>${entries.join('')}</li>`;
    },
  ).join('');
}

function article({ text }: ListedFinding, index: number): string {
  return `<article class="finding" id="finding-${index + 1}" aria-label="Finding ${index + 1}"${index === 0 ? '' : ' hidden'}><pre tabindex="0">${escapeText(text)}</pre></article>`;
}

function document(
  title: string,
  styles: readonly string[],
  scripts: readonly string[],
  body: readonly string[],
): string {
  const safeStyles = styles.map((style) => insideElement(style, 'style'));
  const safeScripts = scripts.map((script) => insideElement(script, 'script'));
  const policy = [
    `default-src 'none'`,
    `script-src ${safeScripts.map(hash).join(' ')}`,
    `style-src ${safeStyles.map(hash).join(' ')}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
${safeStyles.map((style) => `<style>${style}</style>`).join('\n')}
</head>
<body>
${body.join('\n')}
${safeScripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

function hash(content: string): string {
  return `'sha256-${createHash('sha256').update(content, 'utf8').digest('base64')}'`;
}

/** Keeps an end tag or a comment opener in a string literal from ending the element. */
function insideElement(content: string, element: 'script' | 'style'): string {
  const text = content.replaceAll(new RegExp(`</(?=${element})`, 'gi'), '<\\/');
  // The HTML parser turns \r\n into \n before the policy's hash is computed.
  return text.replaceAll('<!--', '<\\!--').replaceAll('\r\n', '\n');
}

/** JSON that no HTML parser can leave. */
function jsonInScript(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
