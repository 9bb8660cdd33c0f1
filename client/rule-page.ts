// The page about a rule, without a network: the server has the text, VS Code's Markdown preview shows it.
import * as vscode from 'vscode';
import { RULE_SCHEME } from '../server/lsp/protocol.ts';
import { showMarkdown } from './markdown-page.ts';

/** The link beside a diagnostic's message opens the page that came with the extension. */
export function linkToRule(diagnostic: vscode.Diagnostic): void {
  if (typeof diagnostic.code !== 'object') return;
  diagnostic.code = { ...diagnostic.code, target: pageOf(String(diagnostic.code.value)) };
}

export async function showRule(rule: unknown): Promise<void> {
  if (typeof rule !== 'string') return;
  await showMarkdown(pageOf(rule));
}

function pageOf(rule: string): vscode.Uri {
  return vscode.Uri.from({ scheme: RULE_SCHEME, path: `/${rule}.md` });
}
