// HTML documents that stand alone: scripts and styles inside, under a policy that runs nothing else and loads
// nothing. Text in, text out: hashes are given, since Node and a browser make them in their own ways.

/** What stands in one `<script>` or `<style>`. */
export interface PagePart {
  /** As `partContent` gives it. */
  readonly content: string;
  /** Base64 of the SHA-256 of the content in UTF-8. */
  readonly sha256: string;
}

export interface PageDocument {
  readonly title: string;
  readonly styles: readonly PagePart[];
  readonly scripts: readonly PagePart[];
  /** Lines of HTML. */
  readonly body: readonly string[];
}

export function pageDocument({ title, styles, scripts, body }: PageDocument): string {
  const policy = [
    `default-src 'none'`,
    `script-src ${hashes(scripts)}`,
    `style-src ${hashes(styles)}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
${styles.map(({ content }) => `<style>${content}</style>`).join('\n')}
</head>
<body>
${body.join('\n')}
${scripts.map(({ content }) => `<script>${content}</script>`).join('\n')}
</body>
</html>
`;
}

function hashes(parts: readonly PagePart[]): string {
  return parts.map(({ sha256 }) => `'sha256-${sha256}'`).join(' ');
}

/** What of a built bundle goes into an element: nothing that would end it, and no source map beside it. */
export function partContent(bundle: string, element: 'script' | 'style'): string {
  return (
    bundle
      .replace(/\n(?:\/\/|\/\*)# sourceMappingURL=.*/, '')
      .replaceAll(new RegExp(`</(?=${element})`, 'gi'), '<\\/')
      .replaceAll('<!--', '<\\!--')
      // The HTML parser turns \r\n into \n before the policy's hash is computed.
      .replaceAll('\r\n', '\n')
  );
}

/** An element that holds JSON, which no HTML parser can leave. */
export function jsonElement(id: string, value: unknown): string {
  const json = JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `<script type="application/json" id="${id}">${json}</script>`;
}

/** For text and attributes of HTML and XML. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
