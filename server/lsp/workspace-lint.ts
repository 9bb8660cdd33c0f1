// Lint Workspace: checks the C files of each workspace folder together, publishes the results of closed
// files, and keeps those up to date while their files open, close and change on disk.
import { unsuppressed } from '../suppressions/apply.ts';
import {
  type CancellationToken,
  CancellationTokenSource,
  type Connection,
  type Diagnostic,
  type WorkDoneProgressReporter,
} from 'vscode-languageserver';
import type { SourceFile } from '../check.ts';
import type { Finding } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import { reasonOf } from '../reason-of.ts';
import { type CheckRunner, describe } from './check-runner.ts';
import type { Configuration } from './configuration.ts';
import type { Documents } from './documents.ts';
import type { WorkspaceFiles } from './files.ts';
import { includedHeaders } from './headers.ts';
import { type LintProgress, progressWords, shareDone } from './lint-progress.ts';
import { logSkipped, MAX_TEXT, tooLong } from './linter.ts';
import type { LintSummary } from './protocol.ts';
import { toDiagnostics } from './render.ts';
import type { Run } from './settings.ts';

/** After a change on disk, in milliseconds: a checkout changes many files. */
const SETTLE_MS = 300;
/** In UTF-16 units. An open file is checked with its whole project up to this size, which takes a moment. */
const SMALL_PROJECT = 512 * 1024;
/** Files that are read together, between two looks at whether the run was cancelled. */
const BATCH = 16;

/** A folder that was linted. */
interface Project {
  /** Text by URI, as last checked. */
  readonly texts: ReadonlyMap<string, string>;
  /** By URI; files without findings are left out. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
}

export interface WorkspaceLintParts {
  readonly connection: Connection;
  readonly documents: Documents;
  readonly configuration: Configuration;
  readonly files: WorkspaceFiles;
  /** Not the one that checks open documents: they must not wait for the workspace. */
  readonly runner: CheckRunner;
}

export class WorkspaceLint {
  readonly #parts: WorkspaceLintParts;
  /** By folder URI. */
  readonly #projects = new Map<string, Project>();
  /** By folder URI: the renewal that is due or under way. */
  readonly #renewals = new Map<string, CancellationTokenSource>();
  /** The URIs for which the client may have diagnostics. */
  readonly #told = new Set<string>();

  constructor(parts: WorkspaceLintParts) {
    this.#parts = parts;
  }

  async run(
    folders: readonly string[],
    progress: WorkDoneProgressReporter,
    token: CancellationToken,
  ): Promise<LintSummary> {
    progress.begin('PyMem Lint', 0, 'Looking for C files', true);
    try {
      const listed = await this.#list(folders);
      const total = [...listed.values()].reduce((sum, uris) => sum + uris.length, 0);
      let files = 0;
      let findings = 0;
      for (const [folder, uris] of listed) {
        this.#renewals.get(folder)?.cancel();
        const before = files;
        const say = (done: LintProgress): void => {
          const share = (before + shareDone(done) * uris.length) / total;
          progress.report(Math.floor(100 * share), progressWords(done, { before, total }));
        };
        const project = await this.#lint(folder, uris, token, say);
        if (project === null) return { files, findings, cancelled: true };
        files += project.texts.size;
        for (const found of project.findings.values()) findings += found.length;
      }
      return { files, findings, cancelled: false };
    } finally {
      progress.done();
    }
  }

  /** The client asks for the diagnostics of an open document itself: published ones would be seen twice. */
  opened(uri: string): void {
    if (this.covers(uri)) this.#publish(uri, []);
  }

  /** `uri` was closed: what is on disk counts again. */
  async closed(uri: string): Promise<void> {
    const folder = this.#folderOf(uri);
    const project = folder === null ? undefined : this.#projects.get(folder);
    if (folder === null || project === undefined) return;
    this.#told.add(uri);
    const text = await this.#parts.files.read(uri).catch(() => null);
    if (this.#parts.documents.get(uri) !== undefined) return;
    if (text !== null && text === project.texts.get(uri)) this.#show(project, uri);
    else await this.#renew(folder);
  }

  /** `uri` was made, changed or deleted on disk. */
  async changed(uri: string): Promise<void> {
    const folder = this.#folderOf(uri);
    if (folder !== null) await this.#renew(folder);
  }

  /** The settings changed. */
  async renewAll(): Promise<void> {
    await Promise.all([...this.#projects.keys()].map((folder) => this.#renew(folder)));
  }

  /** Of all folders that were linted. */
  files(): readonly string[] {
    return [...this.#projects.values()].flatMap(({ texts }) => [...texts.keys()]);
  }

  covers(uri: string): boolean {
    return [...this.#projects.values()].some(({ texts }) => texts.has(uri));
  }

  /** The files that an open document is checked with, as edited where they are open; none in a large project. */
  projectOf(uri: string): readonly SourceFile[] {
    const project = [...this.#projects.values()].find(({ texts }) => texts.has(uri));
    if (project === undefined) return [];
    let units = 0;
    for (const text of project.texts.values()) units += text.length;
    if (units > SMALL_PROJECT) return [];
    return Array.from(project.texts, ([file, text]) => {
      return { file, text: this.#parts.documents.get(file)?.getText() ?? text };
    });
  }

  dispose(): void {
    for (const renewal of this.#renewals.values()) renewal.cancel();
    this.#parts.runner.dispose();
  }

  /** The files of each folder: where folders nest, the innermost has them. */
  async #list(folders: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const owner = new Map<string, string>();
    for (const folder of folders.toSorted()) {
      try {
        for (const uri of await this.#parts.files.list(folder)) owner.set(uri, folder);
      } catch (error) {
        this.#parts.connection.console.error(`${folder} cannot be searched: ${describe(error)}`);
      }
    }
    return groupBy([...owner.keys()], (uri) => owner.get(uri) ?? '');
  }

  /** Checks a folder after it has been left alone for a while; supersedes a renewal under way. */
  async #renew(folder: string): Promise<void> {
    this.#renewals.get(folder)?.cancel();
    const source = new CancellationTokenSource();
    this.#renewals.set(folder, source);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    if (source.token.isCancellationRequested) return;
    const inner = [...this.#projects.keys()].filter((other) => other.startsWith(`${folder}/`));
    const uris = (await this.#list([folder, ...inner])).get(folder) ?? [];
    await this.#lint(folder, uris, source.token, () => undefined);
    if (this.#renewals.get(folder) === source) this.#renewals.delete(folder);
  }

  /** Null when cancelled. A check that fails is logged and leaves the results as they were. */
  async #lint(
    folder: string,
    uris: readonly string[],
    token: CancellationToken,
    say: (done: LintProgress) => void,
  ): Promise<Project | null> {
    const texts = await this.#readAll(folder, uris, token, say);
    if (texts === null) return null;
    const { check } = await this.#parts.configuration.for(folder);
    const includePaths = this.#parts.files.includePaths?.() ?? (async () => []);
    const withPaths = async (file: SourceFile): Promise<SourceFile> => {
      return { ...file, includePaths: await includePaths(file.file) };
    };
    const own = await Promise.all(Array.from(texts, ([file, text]) => withPaths({ file, text })));
    const headers = await this.#headersAround(own, texts);
    const files = [...own, ...(await Promise.all(headers.map(withPaths)))];
    say({ phase: 'parse', done: 0, of: files.length });
    const request = { files, settings: check, memory: null };
    const outcome = await this.#parts.runner.check(request, token, say);
    const { console } = this.#parts.connection;
    switch (outcome.kind) {
      case 'cancelled':
        return null;
      case 'failed':
        console.error(`The check of ${folder} failed: ${outcome.reason}.`);
        return this.#projects.get(folder) ?? { texts: new Map(), findings: new Map() };
      case 'checked': {
        logSkipped(outcome.result, new Set(texts.keys()), console);
        const found = unsuppressed(
          outcome.result.findings.filter(({ at }) => texts.has(at.file)),
          (file) => texts.get(file) ?? '',
          check,
        );
        const project = { texts, findings: groupBy(found, ({ at }) => at.file) };
        this.#replace(folder, project);
        return project;
      }
    }
  }

  async #readAll(
    folder: string,
    uris: readonly string[],
    token: CancellationToken,
    say: (done: LintProgress) => void,
  ): Promise<ReadonlyMap<string, string> | null> {
    const { run } = await this.#parts.configuration.for(folder);
    const texts = new Map<string, string>();
    for (let start = 0; start < uris.length; start += BATCH) {
      say({ phase: 'read', done: start, of: uris.length });
      // A turn of the event loop, in which a cancellation may be read.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (token.isCancellationRequested) return null;
      const batch = uris.slice(start, start + BATCH);
      const read = await Promise.all(batch.map((uri) => this.#read(uri, run)));
      for (const [index, uri] of batch.entries()) {
        const text = read[index];
        if (text !== undefined && text !== null) texts.set(uri, text);
      }
    }
    return texts;
  }

  /** Null, and logged, when it is not to be checked. */
  async #read(uri: string, run: Run): Promise<string | null> {
    try {
      const open = this.#parts.documents.checkText(uri, run);
      const text = open?.text ?? (await this.#parts.files.read(uri));
      if (text.length > MAX_TEXT) throw new Error(tooLong(text));
      return text;
    } catch (error) {
      const reason = reasonOf(error);
      this.#parts.connection.console.warn(`${uri} is not checked: ${reason}.`);
      return null;
    }
  }

  /** The headers that the files include and that are not among them. */
  async #headersAround(
    files: readonly SourceFile[],
    texts: ReadonlyMap<string, string>,
  ): Promise<readonly SourceFile[]> {
    const known = new Map<string, Promise<string | null>>();
    const read = (uri: string): Promise<string | null> => {
      const own = texts.get(uri);
      if (own !== undefined) return Promise.resolve(own);
      const text = known.get(uri) ?? this.#parts.files.read(uri).catch(() => null);
      known.set(uri, text);
      return text;
    };
    const headers = new Map<string, SourceFile>();
    for (const file of files) {
      for (const header of await includedHeaders(file, read)) {
        if (!texts.has(header.file)) headers.set(header.file, header);
      }
    }
    return [...headers.values()].toSorted((a, b) => (a.file < b.file ? -1 : 1));
  }

  #replace(folder: string, project: Project): void {
    const before = this.#projects.get(folder);
    this.#projects.set(folder, project);
    for (const uri of before?.texts.keys() ?? []) {
      if (!project.texts.has(uri)) this.#publish(uri, []);
    }
    for (const uri of project.texts.keys()) {
      // An open document has its own way to the client.
      if (this.#parts.documents.get(uri) === undefined) this.#show(project, uri);
    }
  }

  #show({ texts, findings }: Project, uri: string): void {
    const text = texts.get(uri) ?? '';
    const found = findings.get(uri) ?? [];
    this.#publish(uri, found.length === 0 ? [] : toDiagnostics(found, { uri, text }));
  }

  #publish(uri: string, diagnostics: Diagnostic[]): void {
    // Most files have no findings: the client is not told so of each.
    if (diagnostics.length > 0) this.#told.add(uri);
    else if (!this.#told.delete(uri)) return;
    void this.#parts.connection.sendDiagnostics({ uri, diagnostics });
  }

  /** The innermost linted folder that holds the file. */
  #folderOf(uri: string): string | null {
    const [innermost] = [...this.#projects.keys()]
      .filter((folder) => uri.startsWith(`${folder.replace(/\/$/, '')}/`))
      .toSorted((a, b) => b.length - a.length);
    return innermost ?? null;
  }
}
