// The heap panel seen from VS Code: one webview panel, its page and the messages that cross. What is in
// the page is client/heap-panel/'s; the replay runs there.
import * as vscode from 'vscode';
import type { Span } from '../simulator/flagged-path.ts';
import type { OpenedReplay } from '../simulator/heap-page.ts';
import type { SavedForm } from '../simulator/saved-name.ts';
import { isTarget, type Target } from '../simulator/target.ts';
import { isTitledPath, type TitledPath } from '../server/lsp/protocol.ts';
import type { ReplayPlace } from './debug/replay-adapter.ts';
import { type ReplayToSave, saveReplay } from './save-replay.ts';
import { toUri } from './source-place.ts';
import { SourceReveal } from './source-reveal.ts';

export const HEAP_PANEL_TYPE = 'pymem-lint.heapPanel';
const OPEN_CONTEXT = 'pymem-lint.heapPanelOpen';
const TITLE = 'Simulated Crash';

type FromPage =
  | { readonly type: 'ready' }
  /** `at`: the code of the step; null where it has none. `place`: in the finding's own path; null in a fixed one. */
  | {
      readonly type: 'went';
      readonly at: Span | null;
      readonly place: { readonly target: Target; readonly frame: number } | null;
    }
  | { readonly type: 'copy'; readonly text: string }
  | ({ readonly type: 'save' } & ReplayToSave);

type ToPage =
  | ({ readonly type: 'show' } & TitledPath)
  | { readonly type: 'go'; readonly target: Target; readonly frame: number }
  /** The reader is where these steps of the path are, by their index. */
  | { readonly type: 'cursor'; readonly steps: readonly number[] }
  /** Is answered by what there is to save. */
  | { readonly type: 'save'; readonly form: SavedForm };

export class HeapPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #dist: vscode.Uri;
  readonly #reveal = new SourceReveal();
  readonly #subscription: vscode.Disposable;
  #panel: vscode.WebviewPanel | null = null;
  #shown: TitledPath | null = null;
  #leader: ReplayPlace | null = null;
  /** The page listens; a page that is not visible is gone. */
  #isReady = false;
  /** To be asked of the page when it listens. */
  #wanted: SavedForm | null = null;

  /** Told where the reader went; true: it shows the place in the source itself. */
  onWent: (place: ReplayPlace) => boolean = () => false;

  constructor(extensionUri: vscode.Uri) {
    this.#dist = vscode.Uri.joinPath(extensionUri, 'dist');
    this.#subscription = vscode.window.onDidChangeTextEditorSelection((event) => {
      // Other kinds are of commands, which may be ours.
      const { Keyboard, Mouse } = vscode.TextEditorSelectionChangeKind;
      if (event.kind === Keyboard || event.kind === Mouse) this.#followCursor(event.textEditor);
    });
  }

  /** Opens the panel beside the editor, or reuses the open one. */
  show(finding: TitledPath): void {
    this.#shown = finding;
    if (this.#panel === null) {
      const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false };
      this.#adopt(vscode.window.createWebviewPanel(HEAP_PANEL_TYPE, TITLE, column));
    } else {
      this.#panel.reveal();
      this.#post();
    }
  }

  /** Goes where another view is, while the panel is open; another path comes into it once. */
  follow(leader: ReplayPlace): void {
    const isNew = this.#leader === null || !isSamePath(this.#leader, leader);
    this.#leader = leader;
    if (isNew && this.#shown !== null && !isSamePath(this.#shown, leader)) {
      this.#shown = { path: leader.path, title: leader.title };
      this.#post();
    } else {
      this.#postLeader();
    }
  }

  /** There is no other view any more. */
  unfollow(): void {
    this.#leader = null;
  }

  /** Saves the shown replay where the user chooses; nothing without an open panel. */
  save(form: SavedForm): void {
    this.#wanted = form;
    this.#panel?.reveal();
    this.#askToSave();
  }

  /** `state` is what the page last gave to setState: a TitledPath where it was showing one. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    this.#shown ??= isTitledPath(state) ? state : null;
    this.#panel?.dispose();
    this.#adopt(panel);
    return Promise.resolve();
  }

  dispose(): void {
    this.#panel?.dispose();
    this.#reveal.dispose();
    this.#subscription.dispose();
  }

  #adopt(panel: vscode.WebviewPanel): void {
    this.#panel = panel;
    this.#isReady = false;
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.#dist] };
    panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    panel.onDidDispose(() => {
      if (this.#panel !== panel) return;
      this.#panel = null;
      this.#isReady = false;
      this.#wanted = null;
      setOpen(false);
      this.#reveal.clear();
    });
    panel.onDidChangeViewState(() => {
      if (this.#panel === panel && !panel.visible) this.#isReady = false;
    });
    setOpen(true);
    panel.webview.html = this.#page(panel.webview);
  }

  async #receive(value: unknown): Promise<void> {
    const message = asFromPage(value);
    switch (message?.type) {
      case 'ready':
        this.#isReady = true;
        this.#post();
        this.#askToSave();
        return;
      case 'went': {
        const { at, place } = message;
        const shown = this.#shown;
        const isShown = shown !== null && place !== null && this.onWent({ ...shown, ...place });
        if (!isShown && at !== null) await this.#reveal.show(at, this.#panel?.viewColumn);
        return;
      }
      case 'copy':
        await vscode.env.clipboard.writeText(message.text);
        vscode.window.setStatusBarMessage('PyMem Lint: copied', 5_000);
        return;
      case 'save':
        await saveReplay(message, this.#dist);
        return;
      case undefined:
    }
  }

  /** A page that is not ready yet asks again when it is. */
  #post(): void {
    if (this.#panel === null || this.#shown === null) return;
    const { path, title, fixed, python } = this.#shown;
    this.#send({ type: 'show', path, title, fixed, python });
    this.#postLeader();
  }

  #postLeader(): void {
    if (this.#leader === null || this.#shown === null) return;
    if (!isSamePath(this.#leader, this.#shown)) return;
    this.#reveal.clear();
    this.#send({ type: 'go', target: this.#leader.target, frame: this.#leader.frame });
  }

  /** To the step at the cursor, if there is one; another view that leads has the say. */
  #followCursor({ document, selection }: vscode.TextEditor): void {
    if (!this.#isReady || this.#leader !== null || this.#shown === null) return;
    const here = document.uri.toString();
    const line = selection.active.line + 1;
    const steps = [...this.#shown.path.steps.entries()]
      .filter(([, { at }]) => at.line <= line && line <= at.endLine)
      .filter(([, { at }]) => toUri(at.file).toString() === here)
      .map(([index]) => index);
    if (steps.length === 0) return;
    this.#reveal.clear();
    this.#send({ type: 'cursor', steps });
  }

  #askToSave(): void {
    if (!this.#isReady || this.#wanted === null) return;
    this.#send({ type: 'save', form: this.#wanted });
    this.#wanted = null;
  }

  #send(message: ToPage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a webview takes none
    void this.#panel?.webview.postMessage(message);
  }

  #page(webview: vscode.Webview): string {
    const nonce = newNonce();
    const file = (name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.#dist, name)).toString();
    const policy = [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src ${webview.cspSource}`,
    ].join('; ');
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${file('heap-panel.css')}">
<title>${TITLE}</title>
</head>
<body>
<div id="root"></div>
<script nonce="${nonce}" src="${file('heap-panel.js')}"></script>
</body>
</html>`;
  }
}

function setOpen(isOpen: boolean): void {
  void vscode.commands.executeCommand('setContext', OPEN_CONTEXT, isOpen);
}

/** 128 random bits. */
function newNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The page is ours, its content is not: the path it shows may have come from a saved state. */
function asFromPage(value: unknown): FromPage | null {
  if (typeof value !== 'object' || value === null || !('type' in value)) return null;
  if (value.type === 'ready') return { type: 'ready' };
  if (value.type === 'copy' && 'text' in value && typeof value.text === 'string') {
    return { type: 'copy', text: value.text };
  }
  if (value.type === 'save') return asSave({ ...value });
  if (value.type !== 'went') return null;
  const { at, place }: Readonly<Record<string, unknown>> = { ...value };
  return { type: 'went', at: isSpan(at) ? at : null, place: asPlace(place) };
}

function asSave(message: Readonly<Record<string, unknown>>): FromPage | null {
  const { form, replay, picture } = message;
  if (!isOpenedReplay(replay)) return null;
  if (form === 'html') return { type: 'save', form, replay };
  return form === 'svg' && typeof picture === 'string'
    ? { type: 'save', form, replay, picture }
    : null;
}

/** The page that is made of it reads the rest itself. */
function isOpenedReplay(value: unknown): value is OpenedReplay {
  return isTitledPath(value) && 'frame' in value && Number.isInteger(value.frame);
}

function asPlace(value: unknown): { readonly target: Target; readonly frame: number } | null {
  if (typeof value !== 'object' || value === null) return null;
  const { target, frame }: Readonly<Record<string, unknown>> = { ...value };
  return isTarget(target) && typeof frame === 'number' && Number.isInteger(frame)
    ? { target, frame }
    : null;
}

function isSamePath(left: TitledPath, right: TitledPath): boolean {
  return JSON.stringify(left.path) === JSON.stringify(right.path);
}

function isSpan(value: unknown): value is Span {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  return (
    typeof fields['file'] === 'string' &&
    ['line', 'column', 'endLine', 'endColumn'].every((name) => Number.isInteger(fields[name]))
  );
}
