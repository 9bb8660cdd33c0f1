// Waits for the first C or C++ document that has to do with Python: by its text, or by the files of a Python project at
// the root of its workspace folder, since the helper files of an extension need not include Python.h.
import * as vscode from 'vscode';
import { namesPythonApi } from './python-text.ts';

/** At the root of a folder. */
export const PROJECT_FILES = [
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
  'pymem-lint.toml',
] as const;

/**
 * `found` is called once, with why, and then nothing is watched any more; before this returns, when a document that is
 * open says so itself.
 */
export function watchForPython(
  documents: vscode.DocumentSelector,
  found: (why: string) => void,
): vscode.Disposable {
  const listening: vscode.Disposable[] = [];
  let isOver = false;
  const end = (): void => {
    isOver = true;
    vscode.Disposable.from(...listening).dispose();
  };
  const tell = (why: string): void => {
    if (isOver) return;
    end();
    found(why);
  };
  const matters = (document: vscode.TextDocument): boolean =>
    !isOver && vscode.languages.match(documents, document) > 0;
  const tellOf = ({ uri }: vscode.TextDocument): void =>
    tell(`${vscode.workspace.asRelativePath(uri)} uses the Python C API`);

  const look = async (document: vscode.TextDocument): Promise<void> => {
    if (!matters(document)) return;
    if (namesPythonApi(document.getText())) {
      tellOf(document);
      return;
    }
    const file = await projectFile(document.uri);
    if (file !== null) tell(`${vscode.workspace.asRelativePath(file)} is of a Python project`);
  };
  const lookAtAll = (): void => vscode.workspace.textDocuments.forEach((each) => void look(each));

  listening.push(
    vscode.workspace.onDidOpenTextDocument((document) => void look(document)),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (matters(document) && namesPythonApi(changedText(document, contentChanges)))
        tellOf(document);
    }),
    vscode.workspace.onDidCreateFiles(lookAtAll),
    vscode.workspace.onDidChangeWorkspaceFolders(lookAtAll),
  );
  lookAtAll();
  return new vscode.Disposable(end);
}

/** The lines of the only change, as they are now; of several, which move each other, the whole text. */
function changedText(
  document: vscode.TextDocument,
  changes: readonly vscode.TextDocumentContentChangeEvent[],
): string {
  const [change, ...others] = changes;
  if (change === undefined) return '';
  if (others.length > 0) return document.getText();
  const first = change.range.start.line;
  const lines = change.text.split(/\r\n|\r|\n/).length;
  return document.getText(new vscode.Range(first, 0, first + lines, 0));
}

/** null: the document is in no folder of the workspace, or none of a Python project. */
async function projectFile(document: vscode.Uri): Promise<vscode.Uri | null> {
  const folder = vscode.workspace.getWorkspaceFolder(document);
  if (folder === undefined) return null;
  const files = PROJECT_FILES.map((name) => vscode.Uri.joinPath(folder.uri, name));
  const found = await Promise.all(files.map(isThere));
  return files.find((_, index) => found[index]) ?? null;
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
