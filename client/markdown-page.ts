// A page of Markdown that the extension itself has, as VS Code's preview shows it; as text where the extension for
// that is switched off or not there.
import * as vscode from 'vscode';

export async function showMarkdown(page: vscode.Uri): Promise<void> {
  try {
    await vscode.commands.executeCommand('markdown.showPreview', page);
  } catch {
    await vscode.window.showTextDocument(page);
  }
}
