// Runs the checks for the language server: one at a time, cancelled before they start, never throwing.
// Knows nothing of connections; the last result of each file is kept only to not compute it twice.
import type { CancellationToken } from 'vscode-languageserver';
import type { check, SourceFile } from '../check.ts';
import type { Finding } from '../finding.ts';
import type { Settings } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';
import { includedHeaders, type ReadText } from './headers.ts';

/** What the server is built from; given from outside so that it runs in Node, in a browser and in tests. */
export interface LintEngine {
  readonly check: typeof check;
  /** Called before the first check, and again after a check has thrown: its parser may be broken. */
  loadParser(): Promise<Parser>;
  /** The rules there are, to validate settings. */
  readonly ruleIds: readonly string[];
}

export interface Log {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
}

/** In UTF-16 units. No C that people edit is as long, and the parser's memory is finite. */
const MAX_TEXT = 32 * 1024 * 1024;

interface Checked {
  /** The file itself, then the headers that it was checked with. */
  readonly files: readonly SourceFile[];
  readonly settings: Settings;
  readonly findings: readonly Finding[];
}

export class Linter {
  readonly #engine: LintEngine;
  readonly #log: Log;
  readonly #read: ReadText;
  readonly #checked = new Map<string, Checked>();
  #parser: Promise<Parser> | null = null;

  constructor(engine: LintEngine, log: Log, read: ReadText) {
    this.#read = read;
    this.#engine = engine;
    this.#log = log;
  }

  /** The findings in one file; null when cancelled. Never rejects: a failed check is logged and finds nothing. */
  async lint(
    { uri, text }: { readonly uri: string; readonly text: string },
    settings: Settings,
    token: CancellationToken,
  ): Promise<readonly Finding[] | null> {
    if (text.length > MAX_TEXT) {
      this.#log.warn(`${uri} is not checked: ${text.length} characters, the limit is ${MAX_TEXT}.`);
      return [];
    }
    const parser = await this.#loadedParser();
    const file = { file: uri, text };
    const files = [file, ...(await includedHeaders(file, this.#read))];
    // A turn of the event loop: a newer edit or a cancellation may be waiting to be read.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (token.isCancellationRequested) return null;
    if (parser === null) return [];
    const last = this.#checked.get(uri);
    if (last !== undefined && last.settings === settings && areSame(last.files, files)) {
      return last.findings;
    }
    const findings = this.#check(files, parser, settings);
    this.#checked.set(uri, { files, settings, findings });
    return findings;
  }

  forget(uri: string): void {
    this.#checked.delete(uri);
  }

  #check(files: readonly SourceFile[], parser: Parser, settings: Settings): readonly Finding[] {
    const name = files[0]?.file;
    try {
      const { findings, skipped } = this.#engine.check(files, parser, settings);
      for (const part of skipped) {
        if (part.file !== name) continue;
        const where = part.function === null ? '' : `, function ${part.function}`;
        this.#log.info(`${part.file}${where} is not checked: ${part.reason}.`);
      }
      // What is found in a header is told with the header.
      return findings.filter((finding) => finding.at.file === name);
    } catch (error) {
      this.#parser = null;
      this.#log.error(`The check of ${name} failed: ${describe(error)}`);
      return [];
    }
  }

  async #loadedParser(): Promise<Parser | null> {
    try {
      this.#parser ??= this.#engine.loadParser();
      return await this.#parser;
    } catch (error) {
      this.#parser = null;
      this.#log.error(`The C parser did not load: ${describe(error)}`);
      return null;
    }
  }
}

function areSame(left: readonly SourceFile[], right: readonly SourceFile[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ file, text }, index) => file === right[index]?.file && text === right[index].text)
  );
}

/** With the stack: it goes to a log that users send. */
export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
