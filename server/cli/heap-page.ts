// The self-contained HTML page of a replay: the heap panel's script and style around one flagged path,
// under a policy that runs nothing else and loads nothing from anywhere.
import { createHash } from 'node:crypto';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';

export interface HeapPage {
  readonly title: string;
  readonly path: FlaggedPath;
  /** The panel's bundle, a classic script. */
  readonly script: string;
  readonly style: string;
}

export function heapPage(page: HeapPage): string {
  const script = insideElement(page.script, 'script');
  const style = insideElement(page.style, 'style');
  const policy = [
    `default-src 'none'`,
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(page.title)}</title>
<style>${style}</style>
</head>
<body>
<div id="heap-panel"></div>
<script type="application/json" id="flagged-path">${jsonInScript(page.path)}</script>
<script>${script}</script>
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
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
