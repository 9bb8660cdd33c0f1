// Diagnostics of open documents: pulled by clients that can, pushed to the others. Waits until typing
// pauses; an edit supersedes the run before it.
import {
  type CancellationToken,
  CancellationTokenSource,
  type Connection,
  type Diagnostic,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  LSPErrorCodes,
  ResponseError,
} from 'vscode-languageserver';
import type { Finding } from '../finding.ts';
import type { Configuration } from './configuration.ts';
import type { CheckText, Documents } from './documents.ts';
import type { Linter } from './linter.ts';
import { toDiagnostics } from './render.ts';

/** How often a check may be superseded before those who wait for it give up. */
const MAX_TRIES = 10;

export interface CheckedText {
  readonly text: CheckText;
  readonly findings: readonly Finding[];
}

export class Diagnostics {
  readonly #connection: Connection;
  readonly #linter: Linter;
  readonly #documents: Documents;
  readonly #configuration: Configuration;
  readonly #quietMilliseconds: number;
  /** By URI: the push under way. */
  readonly #pushes = new Map<string, CancellationTokenSource>();

  constructor(parts: {
    readonly connection: Connection;
    readonly linter: Linter;
    readonly documents: Documents;
    readonly configuration: Configuration;
    /** How long a document must be left alone before it is checked. */
    readonly quietMilliseconds: number;
  }) {
    this.#connection = parts.connection;
    this.#linter = parts.linter;
    this.#documents = parts.documents;
    this.#configuration = parts.configuration;
    this.#quietMilliseconds = parts.quietMilliseconds;
  }

  /** Checks an open document now; null when it is not open or the check was cancelled. */
  async check(uri: string, token: CancellationToken): Promise<CheckedText | null> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const { check, run } = await this.#configuration.for(uri);
      const text = this.#documents.checkText(uri, run);
      if (text === undefined) return null;
      const findings = await this.#linter.lint(text, check, token);
      if (findings !== null) return { text, findings };
      if (token.isCancellationRequested) return null;
      // Superseded: whoever waits gets the result of the newer text.
    }
    return null;
  }

  /** Answers textDocument/diagnostic. */
  async pull(
    uri: string,
    previousResultId: string | undefined,
    token: CancellationToken,
  ): Promise<DocumentDiagnosticReport> {
    const version = this.#documents.get(uri)?.version;
    await this.#quiet(uri, token);
    const checked = token.isCancellationRequested ? null : await this.check(uri, token);
    if (token.isCancellationRequested) {
      throw new ResponseError(LSPErrorCodes.RequestCancelled, 'The request was cancelled.');
    }
    const current = this.#documents.get(uri);
    // Without a result the check was superseded by one with other headers or settings.
    if (current?.version !== version || (checked === null && current !== undefined)) {
      throw new ResponseError(LSPErrorCodes.ServerCancelled, 'The document changed.', {
        retriggerRequest: true,
      });
    }
    const items = checked === null ? [] : toDiagnostics(checked.findings, checked.text);
    const resultId = digest(items);
    return resultId === previousResultId
      ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId }
      : { kind: DocumentDiagnosticReportKind.Full, resultId, items };
  }

  /** Sends the diagnostics of a document once it is quiet; supersedes a push under way. */
  async push(uri: string): Promise<void> {
    this.cancel(uri);
    const source = new CancellationTokenSource();
    this.#pushes.set(uri, source);
    await this.#quiet(uri, source.token);
    const checked = source.token.isCancellationRequested
      ? null
      : await this.check(uri, source.token);
    if (checked === null || source.token.isCancellationRequested) return;
    this.#pushes.delete(uri);
    await this.#connection.sendDiagnostics({
      uri,
      version: checked.text.version,
      diagnostics: toDiagnostics(checked.findings, checked.text),
    });
  }

  cancel(uri: string): void {
    this.#pushes.get(uri)?.cancel();
    this.#pushes.delete(uri);
  }

  cancelAll(): void {
    for (const uri of this.#pushes.keys()) this.cancel(uri);
  }

  /** Resolves when the document has been left alone, or the token is cancelled. */
  async #quiet(uri: string, token: CancellationToken): Promise<void> {
    for (;;) {
      const wait = this.#documents.untilQuiet(uri, this.#quietMilliseconds);
      if (wait === 0 || token.isCancellationRequested) return;
      await sleep(wait, token);
    }
  }
}

async function sleep(milliseconds: number, token: CancellationToken): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    const cancellation = token.onCancellationRequested(done);
    function done(): void {
      clearTimeout(timer);
      cancellation.dispose();
      resolve();
    }
  });
}

/** Names a list of diagnostics: equal lists, equal names. FNV-1a over two lanes, 64 bits together. */
function digest(items: readonly Diagnostic[]): string {
  const text = JSON.stringify(items);
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ (unit + index), 0x01000193);
  }
  return `${items.length}-${hex(low)}${hex(high)}`;
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
