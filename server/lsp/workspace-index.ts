// The names of the workspace's files, gathered in the background once the editor is up and kept as files
// change, so that an open file is checked with the files it depends on. Bounded; gives way to requests.
import type { SourceFile } from '../check.ts';
import { isHeader } from '../syntax/language.ts';
import { describe } from './check-runner.ts';
import type { WorkspaceFiles } from './files.ts';
import type { ReadText } from './headers.ts';
import type { Log } from './linter.ts';
import { RelatedFiles } from './related-files.ts';

/** Beyond, a folder is no single program. */
const MAX_FILES = 4_000;
/** In UTF-16 units; what is longer was generated. */
const MAX_FILE = 1024 * 1024;
/** In UTF-16 units: what an open file is checked with besides, at most. */
const MAX_RELATED = 128 * 1024;
/** Files that are looked at together, between two turns of the event loop. */
const BATCH = 8;

export interface WorkspaceIndexParts {
  readonly files: WorkspaceFiles;
  /** As edited where the file is open. */
  readonly read: ReadText;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export class WorkspaceIndex {
  readonly #parts: WorkspaceIndexParts;
  readonly #related = new RelatedFiles();
  /** Files whose text has changed since it was looked at. */
  readonly #changed = new Set<string>();
  #isBuilt = false;
  #isDisposed = false;

  constructor(parts: WorkspaceIndexParts) {
    this.#parts = parts;
  }

  /** Resolves when all files of the folders have been looked at, or the index was disposed of. */
  async build(folders: readonly string[]): Promise<void> {
    const found = new Set<string>();
    for (const folder of folders) {
      try {
        for (const uri of await this.#parts.files.list(folder)) {
          if (!isHeader(uri)) found.add(uri);
        }
      } catch (error) {
        this.#parts.log.warn(`${folder} cannot be searched: ${describe(error)}`);
      }
    }
    if (found.size > MAX_FILES) {
      this.#parts.log.info(
        `Open files are checked by themselves: the workspace has ${found.size} C files.`,
      );
      return;
    }
    const uris = [...found];
    for (let start = 0; start < uris.length; start += BATCH) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (this.#isDisposed) return;
      await Promise.all(uris.slice(start, start + BATCH).map((uri) => this.#look(uri)));
    }
    this.#isBuilt = true;
  }

  /** `uri` was edited, made, changed or deleted. */
  changed(uri: string): void {
    if (!isHeader(uri)) this.#changed.add(uri);
  }

  /** Those that were looked at. */
  files(): Iterable<string> {
    return this.#related.files();
  }

  /** What a file is to be checked with: who defines what it calls, then who shares its headers. */
  async relatedTo(file: SourceFile): Promise<readonly SourceFile[]> {
    if (!this.#isBuilt) return [];
    for (const uri of this.#changed) {
      this.#changed.delete(uri);
      await this.#look(uri);
    }
    const found = new Map<string, SourceFile>();
    let units = 0;
    const add = async (uris: readonly string[]): Promise<void> => {
      for (const uri of uris) {
        if (found.has(uri) || uri === file.file || units >= MAX_RELATED) continue;
        const text = await this.#parts.read(uri);
        if (text === null || units + text.length > MAX_RELATED) continue;
        units += text.length;
        found.set(uri, { file: uri, text });
      }
    };
    await add(this.#related.definersFor(file));
    // A wrapper may call another: what is found here is looked into as well.
    for (const wrapper of found.values()) await add(this.#related.definersFor(wrapper));
    await add(this.#related.sharersOf(file));
    return [...found.values()].toSorted((a, b) => (a.file < b.file ? -1 : 1));
  }

  dispose(): void {
    this.#isDisposed = true;
  }

  async #look(uri: string): Promise<void> {
    const text = await this.#parts.read(uri);
    if (text === null || text.length > MAX_FILE) this.#related.delete(uri);
    else this.#related.set({ file: uri, text });
  }
}
