// A rule's documentation as Markdown (for docs/, SARIF and editors) and as terminal text. Everything
// shown comes from the rule itself.
import { DEFAULT_SETTINGS, isSelected } from '../settings.ts';
import type { RuleDocs } from '../rules/rule.ts';
import type { Colors } from './terminal.ts';

/** The page of docs/rules/<id>.md. `ends`: how the first bad example ends, as a section; null: not told. */
export function ruleMarkdown(rule: RuleDocs, ends: string | null = null): string {
  const select = `\`--select default,${rule.id}\``;
  const off = isOn(rule)
    ? ''
    : ` Off unless selected: ${select}, or \`pymem-lint.select\` in VS Code.`;
  const parts = [
    `# ${rule.id}`,
    sentence(rule.summary),
    `Severity: ${rule.severity}.${off}`,
    '## Why',
    dedent(rule.why),
    '## Instead',
    dedent(rule.fix),
    ...(rule.noFix === undefined ? [] : ['## Without a fix', dedent(rule.noFix)]),
  ];
  if (rule.bad.length > 0) parts.push('## Reported', ...rule.bad.map(codeBlock));
  if (ends !== null) parts.push(ends);
  if (rule.good.length > 0) parts.push('## Not reported', ...rule.good.map(codeBlock));
  if (rule.references.length > 0) {
    parts.push(
      '## References',
      rule.references.map((reference) => `- ${link(reference)}`).join('\n'),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

/** The page of docs/rules/README.md. */
export function rulesMarkdown(rules: readonly RuleDocs[]): string {
  return `${[
    '# Rules',
    'Each page shows why the pattern is wrong, what to write instead, and examples that the tests keep true. The same page in a terminal: `pymem-lint rule NAME`. Which function allocates and releases what: [Which function do I use?](../release-table.md)',
    rulesTable(rules, ''),
  ].join('\n\n')}\n`;
}

/** One row per rule; `folder` is where the pages are, seen from the document with the table. */
export function rulesTable(rules: readonly RuleDocs[], folder: string): string {
  const rows = rules.map(
    (rule) =>
      `| [\`${rule.id}\`](${folder}${rule.id}.md) | ${rule.severity}${isOn(rule) ? '' : ', off by default'} | ${rule.summary} |`,
  );
  return ['| rule | severity | what it reports |', '|---|---|---|', ...rows].join('\n');
}

/** The same page for a terminal. */
export function ruleText(rule: RuleDocs, colors: Colors): string {
  let isCode = false;
  const lines: string[] = [];
  for (const line of ruleMarkdown(rule).split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    else if (isCode) lines.push(`    ${colors.cyan(line)}`.trimEnd());
    else if (line.startsWith('#')) lines.push(colors.bold(line.replace(/^#+ /, '')));
    else lines.push(inline(line, colors));
  }
  return lines.join('\n');
}

/** Every rule on one line. */
export function ruleList(rules: readonly RuleDocs[], colors: Colors): string {
  const width = Math.max(0, ...rules.map((rule) => rule.id.length));
  return rules
    .map((rule) => {
      const severity = colors.dim(rule.severity.padEnd(7));
      return `${colors.bold(rule.id.padEnd(width))}  ${severity}  ${rule.summary}${isOn(rule) ? '' : colors.dim(' (off by default)')}\n`;
    })
    .join('');
}

function isOn(rule: RuleDocs): boolean {
  return isSelected(rule, DEFAULT_SETTINGS);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}

function link(reference: string): string {
  return /^https?:\/\/\S+$/.test(reference) ? `<${reference}>` : reference;
}

function codeBlock(example: string): string {
  return `\`\`\`c\n${withoutMarks(dedent(example))}\n\`\`\``;
}

/** What the tests read is not for the reader: `// expect: double-free` becomes `// reported`. */
function withoutMarks(example: string): string {
  return example.replaceAll(/[ \t]*\/\/ expect: .*$/gm, '  // reported');
}

/** Template literals in a rule are indented as its code is. */
function dedent(text: string): string {
  const lines = text
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((line) => line.slice(indent).trimEnd()).join('\n');
}

function inline(line: string, colors: Colors): string {
  return line
    .replaceAll(/`([^`]+)`/g, (_, code: string) => colors.cyan(code))
    .replaceAll(/\*\*([^*]+)\*\*/g, (_, text: string) => colors.bold(text));
}
