// Shows a place of a flagged path in an editor, highlighted, while the focus stays where it is.
import * as vscode from 'vscode';
import type { Span } from '../simulator/flagged-path.ts';
import { toRange, toUri } from './source-place.ts';

export class SourceReveal implements vscode.Disposable {
  readonly #highlight = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('editor.findMatchHighlightBackground'),
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.findMatchForeground'),
    isWholeLine: true,
  });

  /** `avoid`: the column of the panel that asks, which must stay visible. */
  async show(at: Span, avoid: vscode.ViewColumn | undefined): Promise<void> {
    const uri = toUri(at.file);
    const range = toRange(at);
    const open = vscode.window.visibleTextEditors.find(
      (editor) => editor.document.uri.toString() === uri.toString(),
    );
    try {
      const editor = await vscode.window.showTextDocument(uri, {
        viewColumn: open?.viewColumn ?? columnBeside(avoid),
        preserveFocus: true,
        preview: true,
        selection: range,
      });
      this.clear();
      editor.setDecorations(this.#highlight, [range]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      vscode.window.setStatusBarMessage(`PyMem Lint: ${reason}`, 5_000);
    }
  }

  clear(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      editor.setDecorations(this.#highlight, []);
    }
  }

  dispose(): void {
    this.#highlight.dispose();
  }
}

/** Where source belongs when the panel is in `column`: to its left, or to its right when it is the first. */
function columnBeside(column: vscode.ViewColumn | undefined): vscode.ViewColumn {
  return column === undefined || column > vscode.ViewColumn.One
    ? vscode.ViewColumn.One
    : vscode.ViewColumn.Two;
}
