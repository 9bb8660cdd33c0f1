// The findings of one file, for the language server: gathers what the file is checked with, has it checked,
// keeps the last result, logs what went wrong. An edit supersedes the check of the text before it. Knows
// nothing of connections.
import { type CancellationToken, CancellationTokenSource } from 'vscode-languageserver';
import type { CheckResult, SourceFile } from '../check.ts';
import type { Finding } from '../finding.ts';
import type { Settings } from '../settings.ts';
import { RULES } from '../rules/index.ts';
import { SUPPRESSION_RULES } from '../suppressions/suppression-rules.ts';
import { withRemarks } from '../suppressions/apply.ts';
import type { CheckRunner } from './check-runner.ts';
import type { IncludePaths } from './files.ts';
import { includedHeaders, type ReadText } from './headers.ts';

export interface Log {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
}

/** In UTF-16 units. No C that people edit is as long, and the parser's memory is finite. */
export const MAX_TEXT = 32 * 1024 * 1024;

const ALL_RULES = [...RULES, ...SUPPRESSION_RULES];

export interface LinterParts {
  readonly runner: CheckRunner;
  readonly log: Log;
  readonly read: ReadText;
  /** Other files of the same project; the file may be among them. */
  readonly project: (file: SourceFile) => Promise<readonly SourceFile[]>;
  readonly includePaths: () => IncludePaths;
}

/** A check that runs or has run. */
interface Check {
  /** The file itself, then those that it is checked with. */
  readonly files: readonly SourceFile[];
  readonly settings: Settings;
  /** null: cancelled. */
  readonly findings: Promise<readonly Finding[] | null>;
  readonly cancellation: CancellationTokenSource;
  /** Callers that have not cancelled; 0 ends the check. */
  waiting: number;
}

export class Linter {
  readonly #parts: LinterParts;
  readonly #checks = new Map<string, Check>();
  /** By file: why its last check failed. */
  readonly #troubles = new Map<string, string>();

  constructor(parts: LinterParts) {
    this.#parts = parts;
  }

  /**
   * The findings in one file; null when cancelled or superseded. Never rejects: a failed check is logged
   * and finds nothing.
   */
  async lint(
    { uri, text }: { readonly uri: string; readonly text: string },
    settings: Settings,
    token: CancellationToken,
  ): Promise<readonly Finding[] | null> {
    if (text.length > MAX_TEXT) {
      this.#parts.log.warn(`${uri} is not checked: ${tooLong(text)}.`);
      this.#troubles.set(uri, tooLong(text));
      return [];
    }
    const includePaths = this.#parts.includePaths();
    const file = { file: uri, text, includePaths: await includePaths(uri) };
    const files = [file, ...(await this.#companions(file, includePaths))];
    if (token.isCancellationRequested) return null;
    const last = this.#checks.get(uri);
    if (last !== undefined && last.settings === settings && areSame(last.files, files)) {
      return this.#wait(last, token);
    }
    last?.cancellation.cancel();
    return this.#wait(this.#start(uri, files, settings), token);
  }

  /** Those that the last checks read. */
  files(): readonly string[] {
    return [...this.#checks.values()].flatMap(({ files }) => files.map(({ file }) => file));
  }

  /** The files that were last checked with this one beside them. */
  dependentsOf(uri: string): readonly string[] {
    return [...this.#checks].flatMap(([name, { files }]) =>
      name !== uri && files.some(({ file }) => file === uri) ? [name] : [],
    );
  }

  /** Why the last check of the file failed, in a few words; null: it did not. */
  troubleWith(uri: string): string | null {
    return this.#troubles.get(uri) ?? null;
  }

  forget(uri: string): void {
    this.#troubles.delete(uri);
    this.#checks.get(uri)?.cancellation.cancel();
    this.#checks.delete(uri);
  }

  async #companions(file: SourceFile, includePaths: IncludePaths): Promise<readonly SourceFile[]> {
    const all = await this.#parts.project(file);
    const project = all.filter((other) => other.file !== file.file);
    const known = new Set(project.map((other) => other.file));
    const headers = await includedHeaders(file, this.#parts.read);
    const others = [...headers.filter((header) => !known.has(header.file)), ...project];
    return Promise.all(
      others.map(async (other) => {
        return { ...other, includePaths: await includePaths(other.file) };
      }),
    );
  }

  #start(uri: string, files: readonly SourceFile[], settings: Settings): Check {
    const cancellation = new CancellationTokenSource();
    const findings = this.#run(files, settings, cancellation.token);
    const check: Check = { files, settings, findings, cancellation, waiting: 0 };
    this.#checks.set(uri, check);
    return check;
  }

  async #wait(check: Check, token: CancellationToken): Promise<readonly Finding[] | null> {
    check.waiting += 1;
    return new Promise((resolve) => {
      const cancellation = token.onCancellationRequested(() => {
        check.waiting -= 1;
        if (check.waiting === 0) this.#drop(check);
        resolve(null);
      });
      void check.findings.then((findings) => {
        cancellation.dispose();
        resolve(findings);
      });
    });
  }

  async #run(
    files: readonly SourceFile[],
    settings: Settings,
    token: CancellationToken,
  ): Promise<readonly Finding[] | null> {
    const name = files[0]?.file ?? '';
    const outcome = await this.#parts.runner.check({ files, settings, memory: name }, token);
    switch (outcome.kind) {
      case 'cancelled':
        return null;
      case 'failed':
        this.#parts.log.error(`The check of ${name} failed: ${outcome.reason}.`);
        this.#troubles.set(name, inShort(outcome.reason));
        if (outcome.worthRetrying) this.#checks.delete(name);
        return [];
      case 'checked':
        this.#troubles.delete(name);
        logSkipped(outcome.result, new Set([name]), this.#parts.log);
        // What is found in another file is told with that file.
        return withRemarks(
          outcome.result.findings.filter((finding) => finding.at.file === name),
          { file: name, text: files[0]?.text ?? '' },
          settings,
          ALL_RULES,
        );
    }
  }

  /** Nobody waits for it any more. */
  #drop(check: Check): void {
    check.cancellation.cancel();
    const name = check.files[0]?.file ?? '';
    if (this.#checks.get(name) === check) this.#checks.delete(name);
  }
}

/** The first sentence; the rest is for the log. */
function inShort(reason: string): string {
  return reason.split(/\n|\. /)[0] ?? reason;
}

export function tooLong(text: string): string {
  return `${text.length} characters, the limit is ${MAX_TEXT}`;
}

export function logSkipped(
  { skipped }: CheckResult,
  files: ReadonlySet<string>,
  log: Pick<Log, 'info'>,
): void {
  for (const part of skipped) {
    if (!files.has(part.file)) continue;
    const where = part.function === null ? '' : `, function ${part.function}`;
    log.info(`${part.file}${where} is not checked: ${part.reason}.`);
  }
}

function areSame(left: readonly SourceFile[], right: readonly SourceFile[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ file, text, includePaths = [] }, index) => {
      const other = right[index];
      return (
        file === other?.file &&
        text === other.text &&
        includePaths.join('\n') === (other.includePaths ?? []).join('\n')
      );
    })
  );
}
