// Lint Workspace: checks every C file of the workspace folders, publishes the results of closed files,
// and keeps those up to date while their files open, close and change on disk.
import type {
  CancellationToken,
  Connection,
  WorkDoneProgressReporter,
} from 'vscode-languageserver';
import type { Configuration } from './configuration.ts';
import type { Documents } from './documents.ts';
import type { WorkspaceFiles } from './files.ts';
import { describe, type Linter } from './linter.ts';
import type { LintSummary } from './protocol.ts';
import { toDiagnostics } from './render.ts';

const NEVER_CANCELLED: CancellationToken = {
  isCancellationRequested: false,
  onCancellationRequested: () => ({ dispose: () => undefined }),
};

export class WorkspaceLint {
  readonly #connection: Connection;
  readonly #linter: Linter;
  readonly #documents: Documents;
  readonly #configuration: Configuration;
  readonly #files: WorkspaceFiles;
  /** URI of a checked file to the scope of its settings. */
  readonly #covered = new Map<string, string>();
  /** How often refreshAll() was called. */
  #refreshes = 0;

  constructor(parts: {
    readonly connection: Connection;
    readonly linter: Linter;
    readonly documents: Documents;
    readonly configuration: Configuration;
    readonly files: WorkspaceFiles;
  }) {
    this.#connection = parts.connection;
    this.#linter = parts.linter;
    this.#documents = parts.documents;
    this.#configuration = parts.configuration;
    this.#files = parts.files;
  }

  async run(
    folders: readonly string[],
    progress: WorkDoneProgressReporter,
    token: CancellationToken,
  ): Promise<LintSummary> {
    progress.begin('PyMem Lint', 0, 'Looking for C files', true);
    try {
      const files = await this.#list(folders);
      let findings = 0;
      let checked = 0;
      for (const [uri, folder] of files) {
        if (token.isCancellationRequested) break;
        progress.report(
          Math.floor((100 * checked) / files.size),
          `${checked} of ${files.size} files, ${findings} findings`,
        );
        const count = await this.#checkFile(uri, folder, token);
        if (count === null) break;
        this.#covered.set(uri, folder);
        findings += count;
        checked += 1;
      }
      return { files: checked, findings, cancelled: checked < files.size };
    } finally {
      progress.done();
    }
  }

  /** The client asks for the diagnostics of an open document itself: published ones would be seen twice. */
  opened(uri: string): void {
    if (this.#covered.has(uri)) this.#publish(uri, []);
  }

  /** `uri` was closed or changed on disk. */
  async refresh(uri: string): Promise<void> {
    const folder = this.#covered.get(uri);
    if (folder === undefined || this.#documents.get(uri) !== undefined) return;
    await this.#checkFile(uri, folder, NEVER_CANCELLED);
  }

  /** The settings changed. A later call takes over from one that is under way. */
  async refreshAll(): Promise<void> {
    this.#refreshes += 1;
    const mine = this.#refreshes;
    for (const uri of this.#covered.keys()) {
      if (this.#refreshes !== mine) return;
      await this.refresh(uri);
    }
  }

  removed(uri: string): void {
    if (this.#covered.delete(uri)) this.#publish(uri, []);
  }

  covers(uri: string): boolean {
    return this.#covered.has(uri);
  }

  /** Files by URI, to the folder that holds them: the innermost where folders nest. */
  async #list(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const files = new Map<string, string>();
    for (const folder of folders.toSorted()) {
      try {
        for (const uri of await this.#files.list(folder)) files.set(uri, folder);
      } catch (error) {
        this.#connection.console.error(`${folder} cannot be searched: ${describe(error)}`);
      }
    }
    return files;
  }

  /** The number of findings; null when cancelled. */
  async #checkFile(uri: string, folder: string, token: CancellationToken): Promise<number | null> {
    const { check, run } = await this.#configuration.for(folder);
    const open = this.#documents.checkText(uri, run);
    try {
      const text = open?.text ?? (await this.#files.read(uri));
      const findings = await this.#linter.lint({ uri, text }, check, token);
      if (findings === null) return null;
      // An open document has its own way to the client.
      if (this.#documents.get(uri) === undefined) {
        this.#publish(uri, findings.length === 0 ? [] : toDiagnostics(findings, { uri, text }));
        this.#linter.forget(uri);
      }
      return findings.length;
    } catch (error) {
      this.#connection.console.warn(`${uri} is not checked: ${messageOf(error)}.`);
      return 0;
    }
  }

  #publish(uri: string, diagnostics: ReturnType<typeof toDiagnostics>): void {
    void this.#connection.sendDiagnostics({ uri, diagnostics });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
