// The open documents, kept in step by incremental edits, and the text of each that is to be checked.
// A client's mistakes end here: edits to a document that was never opened are ignored, positions are
// clamped.
import { type Connection, type Event, TextDocuments } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Run } from './settings.ts';

export interface CheckText {
  readonly uri: string;
  readonly text: string;
  /** The version of the document that had this text. */
  readonly version: number;
}

export class Documents {
  readonly #open = new TextDocuments(TextDocument);
  /** By URI: the text as last opened or saved. */
  readonly #saved = new Map<string, CheckText>();
  /** By URI: when the text last changed, in milliseconds of the monotonic clock. */
  readonly #editedAt = new Map<string, number>();

  /** What it keeps of a change is there before anyone else hears of the change. */
  constructor() {
    this.#open.onDidOpen(({ document }) => this.markSaved(document.uri));
    this.#open.onDidSave(({ document }) => this.markSaved(document.uri));
    this.#open.onDidChangeContent(({ document }) => {
      // Opening is a change too, and one that need not wait for the next.
      if (this.#saved.get(document.uri)?.version !== document.version) {
        this.#editedAt.set(document.uri, performance.now());
      }
    });
    this.#open.onDidClose(({ document }) => {
      this.#saved.delete(document.uri);
      this.#editedAt.delete(document.uri);
    });
  }

  /** Takes over the connection's text document notifications. */
  listen(connection: Connection): void {
    this.#open.listen(connection);
  }

  get onDidOpen(): Event<{ readonly document: TextDocument }> {
    return this.#open.onDidOpen;
  }

  get onDidChangeContent(): Event<{ readonly document: TextDocument }> {
    return this.#open.onDidChangeContent;
  }

  get onDidSave(): Event<{ readonly document: TextDocument }> {
    return this.#open.onDidSave;
  }

  get onDidClose(): Event<{ readonly document: TextDocument }> {
    return this.#open.onDidClose;
  }

  get(uri: string): TextDocument | undefined {
    return this.#open.get(uri);
  }

  uris(): readonly string[] {
    return this.#open.keys();
  }

  /** The text of an open document that a check should see; undefined when it is not open. */
  checkText(uri: string, run: Run): CheckText | undefined {
    return run === 'onSave' ? this.#saved.get(uri) : this.#currentText(uri);
  }

  /** From here on the present text counts as saved. */
  markSaved(uri: string): void {
    const current = this.#currentText(uri);
    if (current !== undefined) this.#saved.set(uri, current);
  }

  /** Milliseconds until the document has been left alone for `quiet` milliseconds; 0 when it has. */
  untilQuiet(uri: string, quiet: number): number {
    const editedAt = this.#editedAt.get(uri);
    return editedAt === undefined ? 0 : Math.max(0, editedAt + quiet - performance.now());
  }

  #currentText(uri: string): CheckText | undefined {
    const document = this.#open.get(uri);
    return document && { uri, text: document.getText(), version: document.version };
  }
}
