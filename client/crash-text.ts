// Explain Crash Text: what a real process printed when it died, decoded into a page of Markdown. From a text that
// the user pasted or selected, or from a link in a terminal.
import * as vscode from 'vscode';
import { decode, type Decoded } from '../simulator/decode.ts';
import { CLIENT_COMMANDS } from '../server/lsp/protocol.ts';
import { candidatesFor } from './crash-candidates.ts';
import { showMarkdown } from './markdown-page.ts';

const SCHEME = 'pymem-lint-crash';

interface CrashLink extends vscode.TerminalLink {
  readonly text: string;
}

/** `ready`: the active document has been checked. */
export function registerCrashText(ready: () => Promise<void>): vscode.Disposable {
  const explainWithFindings = async (given: unknown): Promise<void> => {
    await ready();
    await explain(given);
  };
  const links: vscode.TerminalLinkProvider<CrashLink> = {
    provideTerminalLinks: ({ line }) =>
      decode(line).map(({ quoted }) => ({
        startIndex: Math.max(0, line.indexOf(quoted)),
        length: Math.min(quoted.length, line.length),
        tooltip: 'Explain with PyMem Lint',
        text: line,
      })),
    handleTerminalLink: ({ text }) => explainWithFindings(text),
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand(CLIENT_COMMANDS.explainCrashText, explainWithFindings),
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      provideTextDocumentContent: ({ query }) => query,
    }),
    vscode.window.registerTerminalLinkProvider(links),
  );
}

/** Of what it is given, the selection, the clipboard: the first that holds a report; else it asks. */
async function explain(given: unknown): Promise<void> {
  if (typeof given === 'string') return show(given);
  const editor = vscode.window.activeTextEditor;
  const selected = editor?.document.getText(editor.selection) ?? '';
  if (decode(selected).length > 0) return show(selected);
  const copied = await vscode.env.clipboard.readText();
  if (decode(copied).length > 0) return show(copied);
  const typed = await vscode.window.showInputBox({
    title: 'Explain Crash Text',
    prompt: 'A line of what the process printed. Longer text: copy it, then run the command again.',
    placeHolder: 'free(): invalid pointer',
  });
  if (typed !== undefined) await show(typed);
}

async function show(text: string): Promise<void> {
  // The page is its own address, so that it comes back with the window.
  const query = explanation(decode(text));
  const page = vscode.Uri.from({ scheme: SCHEME, path: '/What this crash says.md', query });
  await showMarkdown(page);
}

/** Markdown. */
function explanation(reports: readonly Decoded[]): string {
  if (reports.length === 0) {
    return `# Crash text

No report of glibc, CPython, AddressSanitizer or Valgrind is in this text. Run the program again with
\`PYTHONMALLOC=debug\` and copy all of what it prints.
`;
  }
  const sections = reports.map(({ source, quoted, meaning, causes, lookFor, rules, places }) =>
    [
      `## ${source}\n\n\`\`\`text\n${quoted}\n\`\`\`\n\n${escaped(meaning)}`,
      list(
        'Caused by',
        causes.map(({ from, to }) => `\`${from}\` → \`${to}\``),
      ),
      list('In your code', places.map(escaped)),
      list('Look for', lookFor.map(escaped)),
      list('Rules that find such code', rules),
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
  );
  return `# What this crash says\n\n${[...sections, candidates(reports)].join('\n\n')}\n`;
}

function candidates(reports: readonly Decoded[]): string {
  const heading = '## Findings that may be its cause';
  const found = candidatesFor(reports).map(({ finding: { uri, range, title }, saysTheSame }) => {
    // Not a link: the preview follows none to a file that is not beside the page.
    const place = `\`${vscode.workspace.asRelativePath(uri)}:${range.start.line + 1}\``;
    const same = saysTheSame ? ' **Its simulated crash says the same.**' : '';
    return `- ${place} ${escaped(title)}${same}`;
  });
  return found.length > 0
    ? `${heading}\n\n${found.join('\n')}`
    : `${heading}\n\nNone is known. *PyMem Lint: Lint Workspace* checks files that are not open, too.`;
}

/** For Markdown, as the words they are. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>]/g, '\\$&');
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `**${title}**\n\n${items.map((item) => `- ${item}`).join('\n')}`;
}
