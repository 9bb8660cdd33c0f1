// A file tree that the client tells of, asked for only what is looked at: what is not known yet counts as
// absent and is noted; `look` asks the client for it and looks again until nothing was missing.
import path from 'node:path';
import type { FileStat, FileTree, FolderEntry } from '../files/file-tree.ts';
import { describe } from './check-runner.ts';

/** What the client is asked for; null: not there, or none of the client's business. */
export interface TreeSource {
  list(folder: string): Promise<readonly FolderEntry[] | null>;
  readText(file: string): Promise<string | null>;
  warn(message: string): void;
}

/** Beyond, a workspace is looked at in part. */
const MAX_FOLDERS = 5_000;
/** Requests under way together. */
const TOGETHER = 32;

interface KnownText {
  /** null: it cannot be read. */
  readonly text: string | null;
  readonly stamp: string;
}

const FOLDER: FileStat = { kind: 'folder', size: 0, stamp: '' };

/** Texts are told apart among all trees. */
let texts = 0;

export class ClientTree implements FileTree {
  readonly sharedFolders: readonly string[] = [];
  readonly #source: TreeSource;
  readonly #folders = new Map<string, readonly FolderEntry[] | null>();
  readonly #texts = new Map<string, KnownText>();
  /** Of the look that is under way. */
  #missingFolders = new Set<string>();
  #missingTexts = new Set<string>();
  #isFull = false;

  constructor(source: TreeSource) {
    this.#source = source;
  }

  /** The result of `ask`, which sees this tree and nothing else, once all that it looks at is known. */
  async look<T>(ask: () => T): Promise<T> {
    for (;;) {
      this.#missingFolders = new Set();
      this.#missingTexts = new Set();
      let result: { readonly value: T } | { readonly error: unknown };
      try {
        result = { value: ask() };
      } catch (error) {
        result = { error };
      }
      const folders = [...this.#missingFolders];
      const files = [...this.#missingTexts];
      if (folders.length + files.length === 0) {
        if ('error' in result) throw result.error;
        return result.value;
      }
      // A .gitignore may say that some of the folders are not wanted.
      if (files.length > 0) await inGroups(files, (file) => this.#learnText(file));
      else await inGroups(folders, (folder) => this.#learnFolder(folder));
    }
  }

  /** What is known of a file; null: of all. */
  forget(file: string | null): void {
    if (file === null) {
      this.#folders.clear();
      this.#texts.clear();
      this.#isFull = false;
      return;
    }
    this.#texts.delete(file);
    // A new file may be the first in a new folder.
    for (const folder of foldersAbove(file)) this.#folders.delete(folder);
  }

  /** True: the client tells of where it would be, and it is not there. */
  isAbsent(place: string): boolean {
    const above = this.#lookUp(path.dirname(place));
    if (typeof above === 'string') return above === 'absent';
    return !above.some(({ name }) => name === path.basename(place));
  }

  stat(place: string): FileStat | null {
    const parent = path.dirname(place);
    const above = parent === place ? 'outside' : this.#lookUp(parent);
    if (above === 'outside') {
      return typeof this.#lookUp(place) === 'string' ? null : FOLDER;
    }
    if (typeof above === 'string') return null;
    const kind = above.find(({ name }) => name === path.basename(place))?.kind;
    if (kind === undefined) return null;
    if (kind !== 'file') return { ...FOLDER, kind: kind === 'link' ? 'other' : kind };
    const { text, stamp } = this.#texts.get(place) ?? { text: null, stamp: '' };
    return { kind, size: text?.length ?? 0, stamp };
  }

  readText(file: string): string {
    if (this.stat(file)?.kind !== 'file') throw new Error('there is no such file');
    const known = this.#texts.get(file);
    if (known === undefined) this.#missingTexts.add(file);
    if (known === undefined || known.text === null) throw new Error('it cannot be read');
    return known.text;
  }

  list(folder: string): readonly FolderEntry[] {
    const entries = this.#lookUp(folder);
    if (typeof entries === 'string') throw new Error('the folder cannot be read');
    return entries;
  }

  realPath(place: string): string {
    return place;
  }

  /** outside: the client tells nothing of it, nor of the folders above. */
  #lookUp(folder: string): readonly FolderEntry[] | 'absent' | 'outside' | 'unknown' {
    const known = this.#folders.get(folder);
    if (known !== undefined && known !== null) return known;
    const parent = path.dirname(folder);
    const above = parent === folder ? 'outside' : this.#lookUp(parent);
    if (above === 'absent' || above === 'unknown') return above;
    const isOutside = above === 'outside';
    if (known === null) return isOutside ? 'outside' : 'absent';
    if (!isOutside && !hasFolder(above, path.basename(folder))) return 'absent';
    this.#missingFolders.add(folder);
    return 'unknown';
  }

  async #learnFolder(folder: string): Promise<void> {
    if (this.#folders.size >= MAX_FOLDERS) {
      if (!this.#isFull)
        this.#source.warn(`Only ${MAX_FOLDERS} folders of the workspace are looked at.`);
      this.#isFull = true;
      this.#folders.set(folder, null);
      return;
    }
    this.#folders.set(folder, await this.#told(folder, this.#source.list(folder)));
  }

  async #learnText(file: string): Promise<void> {
    const text = await this.#told(file, this.#source.readText(file));
    texts += 1;
    this.#texts.set(file, { text, stamp: `${texts}` });
  }

  async #told<T>(place: string, answer: Promise<T | null>): Promise<T | null> {
    try {
      return await answer;
    } catch (error) {
      this.#source.warn(`${place} cannot be looked at: ${describe(error)}`);
      return null;
    }
  }
}

function foldersAbove(place: string): readonly string[] {
  const parent = path.dirname(place);
  return parent === place ? [] : [parent, ...foldersAbove(parent)];
}

function hasFolder(entries: readonly FolderEntry[], folder: string): boolean {
  return entries.some(({ name, kind }) => name === folder && kind === 'folder');
}

async function inGroups<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < all.length; start += TOGETHER) {
    await Promise.all(all.slice(start, start + TOGETHER).map(work));
  }
}
