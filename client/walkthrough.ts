// The walkthrough's sample: a copy that the reader may edit, so that nothing is written, and its fix. A click in the
// walkthrough leaves the focus there, so what the editor is to do has to bring the sample to the front first.
import * as vscode from 'vscode';
import { firstFinding } from './finding-lookup.ts';

export function registerWalkthrough(extension: vscode.Uri): vscode.Disposable {
  let sample: vscode.TextDocument | null = null;
  const open = async (): Promise<vscode.TextEditor> => {
    sample = await openSample(extension);
    return vscode.window.showTextDocument(sample);
  };
  const { registerCommand } = vscode.commands;
  return vscode.Disposable.from(
    registerCommand('pymem-lint.openSample', open),
    registerCommand('pymem-lint.fixSample', async () => {
      const editor = sample === null || sample.isClosed ? await open() : await showAgain(sample);
      await fix(editor);
    }),
  );
}

/** The broken sample as an untitled C file. */
async function openSample(extension: vscode.Uri): Promise<vscode.TextDocument> {
  const sample = vscode.Uri.joinPath(extension, 'media/walkthrough/sample.c');
  const content = new TextDecoder().decode(await vscode.workspace.fs.readFile(sample));
  return vscode.workspace.openTextDocument({ content, language: 'c' });
}

/** Where its tab is, and not a second time. */
function showAgain(document: vscode.TextDocument): Thenable<vscode.TextEditor> {
  const uri = document.uri.toString();
  const group = vscode.window.tabGroups.all.find(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri),
  );
  return vscode.window.showTextDocument(document, group?.viewColumn);
}

/** Offers the fixes of the first finding, with the cursor on it. */
async function fix(editor: vscode.TextEditor): Promise<void> {
  const place = await firstFinding(editor.document.uri);
  if (place === null) {
    vscode.window.setStatusBarMessage('PyMem Lint: the sample has no finding (any more)', 5_000);
    return;
  }
  editor.selection = new vscode.Selection(place.start, place.start);
  editor.revealRange(place, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  await vscode.commands.executeCommand('editor.action.quickFix');
}
