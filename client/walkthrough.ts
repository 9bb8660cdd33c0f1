// The walkthrough's sample: a copy that the reader may edit, so that nothing is written.
import * as vscode from 'vscode';

export const OPEN_SAMPLE = 'pymem-lint.openSample';

/** Opens the broken sample as an untitled C file. */
export async function openSample(extension: vscode.Uri): Promise<void> {
  const sample = vscode.Uri.joinPath(extension, 'media/walkthrough/sample.c');
  const content = new TextDecoder().decode(await vscode.workspace.fs.readFile(sample));
  const document = await vscode.workspace.openTextDocument({ content, language: 'c' });
  await vscode.window.showTextDocument(document);
}
