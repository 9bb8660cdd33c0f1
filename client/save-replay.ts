// Saves what the heap panel shows: asks where, then writes the page or the picture through VS Code's file
// systems, so that a folder need not be on a disk.
import * as vscode from 'vscode';
import { heapPage, type OpenedReplay, type PanelParts } from '../simulator/heap-page.ts';
import { type PagePart, partContent } from '../simulator/page-document.ts';
import { baseName } from '../simulator/place-text.ts';
import { savedName, type SavedForm } from '../simulator/saved-name.ts';
import { toUri } from './source-place.ts';

const FORMS: Readonly<Record<SavedForm, vscode.SaveDialogOptions>> = {
  html: { title: 'Save Simulated Crash as HTML', filters: { 'HTML page': ['html'] } },
  svg: { title: 'Save Heap Map as SVG', filters: { 'SVG picture': ['svg'] } },
};

export type ReplayToSave =
  | { readonly form: 'html'; readonly replay: OpenedReplay }
  | { readonly form: 'svg'; readonly replay: OpenedReplay; readonly picture: string };

/** `dist` is the folder of the panel's bundles. */
export async function saveReplay(save: ReplayToSave, dist: vscode.Uri): Promise<void> {
  const { form, replay } = save;
  const uri = await vscode.window.showSaveDialog({
    ...FORMS[form],
    defaultUri: defaultUri(form, replay),
  });
  if (uri === undefined) return;
  const name = baseName(uri.path);
  try {
    const content =
      save.form === 'svg' ? save.picture : heapPage(save.replay, await readParts(dist));
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content));
    vscode.window.setStatusBarMessage(`PyMem Lint: saved ${name}`, 5_000);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`PyMem Lint: ${name} was not saved: ${reason}`);
  }
}

/** In the folder that is open, else beside the source. */
function defaultUri(form: SavedForm, replay: OpenedReplay): vscode.Uri {
  const file = replay.path.steps[replay.path.fault]?.at.file ?? '';
  const source = toUri(file);
  const { getWorkspaceFolder, workspaceFolders = [] } = vscode.workspace;
  const folder = getWorkspaceFolder(source) ?? workspaceFolders[0];
  const parent = folder?.uri ?? vscode.Uri.joinPath(source, '..');
  return vscode.Uri.joinPath(parent, savedName(form, replay));
}

async function readParts(dist: vscode.Uri): Promise<PanelParts> {
  const [script, style] = await Promise.all([
    readPart(vscode.Uri.joinPath(dist, 'heap-panel.js'), 'script'),
    readPart(vscode.Uri.joinPath(dist, 'heap-panel.css'), 'style'),
  ]);
  return { script, style };
}

async function readPart(file: vscode.Uri, element: 'script' | 'style'): Promise<PagePart> {
  const bundle = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  const content = partContent(bundle, element);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(content));
  return { content, sha256: btoa(String.fromCharCode(...new Uint8Array(digest))) };
}
