// Numbered marks in the editors at the places of the open path; the current one stands out.
import * as vscode from 'vscode';
import type { FindingPath } from './finding-path.ts';
import { type Mark, marksOf } from './path-tree.ts';
import { toRange, toUri } from './source-place.ts';

export class PathMarks implements vscode.Disposable {
  readonly #path: FindingPath;
  readonly #other = decoration('pathMark');
  readonly #current = decoration('currentPathMark');
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor(path: FindingPath) {
    this.#path = path;
    this.#subscriptions = [
      path.onDidChange(() => this.#draw()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#draw()),
      this.#other,
      this.#current,
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #draw(): void {
    const marks = this.#path.isStale ? [] : marksOf(this.#path.notes);
    const step = this.#path.step + 1;
    for (const editor of vscode.window.visibleTextEditors) {
      const uri = editor.document.uri.toString();
      const own = marks.filter(({ at }) => toUri(at.file).toString() === uri);
      const draw = (type: vscode.TextEditorDecorationType, wanted: (mark: Mark) => boolean): void =>
        editor.setDecorations(type, own.filter(wanted).map(toDecoration));
      draw(this.#other, ({ numbers }) => !numbers.includes(step));
      draw(this.#current, ({ numbers }) => numbers.includes(step));
    }
  }
}

function decoration(color: 'pathMark' | 'currentPathMark'): vscode.TextEditorDecorationType {
  const background = new vscode.ThemeColor(`pymemLint.${color}Background`);
  const foreground = new vscode.ThemeColor(`pymemLint.${color}Foreground`);
  const border = new vscode.ThemeColor(`pymemLint.${color}Border`);
  return vscode.window.createTextEditorDecorationType({
    // The background is that of the editor where contrast is high.
    overviewRulerColor: border,
    overviewRulerLane: vscode.OverviewRulerLane.Center,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    border: '1px solid',
    borderColor: border,
    before: {
      color: foreground,
      backgroundColor: background,
      border: '1px solid',
      borderColor: border,
      margin: '0 0.4ch 0 0',
      fontWeight: 'bold',
    },
  });
}

function toDecoration({ at, numbers }: Mark): vscode.DecorationOptions {
  // No-break spaces: others are dropped at the ends.
  return {
    range: toRange(at),
    renderOptions: { before: { contentText: `\u00a0${numbers.join(',')}\u00a0` } },
  };
}
