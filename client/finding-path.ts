// The path that the reader is walking: whose it is, and at which step. The views show it; the editor
// follows. Follows the finding through edits, as long as there is one.
import * as vscode from 'vscode';
import { findAgain, type ShownFinding } from './finding-lookup.ts';
import type { PathNote } from '../server/lsp/protocol.ts';
import { toRange, toUri } from './source-place.ts';

/** True while a path is open: the keys of its commands work only then. */
const OPEN_CONTEXT = 'pymem-lint.pathOpen';

export class FindingPath implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscription: vscode.Disposable;
  #finding: ShownFinding | null = null;
  #step = 0;
  #isStale = false;

  /** Another path, another step, or the same after an edit. */
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#subscription = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      const own = this.#finding?.uri.toString();
      if (uris.some((uri) => uri.toString() === own)) this.#follow();
    });
  }

  get finding(): ShownFinding | null {
    return this.#finding;
  }

  get notes(): readonly PathNote[] {
    return this.#finding?.notes ?? [];
  }

  /** Index into `notes`. */
  get step(): number {
    return this.#step;
  }

  /** The finding is gone since the path was opened, so that its places may be wrong. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Opens at the first step. */
  async open(finding: ShownFinding): Promise<void> {
    this.#finding = finding;
    this.#isStale = false;
    await vscode.commands.executeCommand('setContext', OPEN_CONTEXT, true);
    await this.goTo(0, { preserveFocus: true });
  }

  close(): void {
    this.#finding = null;
    this.#step = 0;
    this.#changed.fire();
    void vscode.commands.executeCommand('setContext', OPEN_CONTEXT, false);
  }

  /** `by` 1 or -1; stays at the ends. */
  async walk(by: number): Promise<void> {
    const last = this.notes.length - 1;
    if (last < 0) return;
    await this.goTo(Math.min(last, Math.max(0, this.#step + by)), { preserveFocus: false });
  }

  async goTo(step: number, options: { readonly preserveFocus: boolean }): Promise<void> {
    const note = this.notes[step];
    if (note === undefined) return;
    this.#step = step;
    this.#changed.fire();
    const uri = toUri(note.at.file);
    const visible = vscode.window.visibleTextEditors.find(
      ({ document }) => document.uri.toString() === uri.toString(),
    );
    try {
      const { start } = toRange(note.at);
      const editor = await vscode.window.showTextDocument(uri, {
        ...options,
        viewColumn: visible?.viewColumn ?? vscode.ViewColumn.One,
        preview: true,
      });
      editor.selection = new vscode.Selection(start, start);
      editor.revealRange(toRange(note.at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      vscode.window.setStatusBarMessage(`PyMem Lint: ${reason}`, 5_000);
    }
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  #follow(): void {
    if (this.#finding === null) return;
    const again = findAgain(this.#finding);
    this.#isStale = again === null;
    if (again !== null) {
      this.#finding = again;
      this.#step = Math.min(this.#step, again.notes.length - 1);
    }
    this.#changed.fire();
  }
}
