// Which other files of a workspace a file is best checked with: those that define the functions it calls,
// and those that share its headers, and so its structs. A table of names; holds no text and reads nothing.
import type { SourceFile } from '../check.ts';
import { apiRow } from '../knowledge/row.ts';
import { outlineOf } from '../preprocess/outline.ts';
import { includesOf } from '../preprocess/includes.ts';

/** What the table keeps of a file. */
interface FileFacts {
  /** Functions that other files may call. */
  readonly defines: readonly string[];
  /** The base names of headers that it includes. */
  readonly includes: ReadonlySet<string>;
}

const CALL = /\b([A-Za-z_]\w*)[ \t]*\(/g;

export class RelatedFiles {
  readonly #files = new Map<string, FileFacts>();
  /** By the name of a function: the files that define it. */
  readonly #definers = new Map<string, Set<string>>();

  set({ file, text }: SourceFile): void {
    this.delete(file);
    const { functions } = outlineOf(text);
    const defines = functions.filter(({ isStatic }) => !isStatic).map(({ name }) => name);
    this.#files.set(file, { defines, includes: namesOf(text) });
    for (const name of defines) {
      const definers = this.#definers.get(name) ?? new Set();
      this.#definers.set(name, definers.add(file));
    }
  }

  files(): Iterable<string> {
    return this.#files.keys();
  }

  delete(file: string): void {
    for (const name of this.#files.get(file)?.defines ?? []) {
      const definers = this.#definers.get(name);
      definers?.delete(file);
      if (definers?.size === 0) this.#definers.delete(name);
    }
    this.#files.delete(file);
  }

  /** The files that define what the text calls; a function that several define says nothing. */
  definersFor({ file, text }: SourceFile): readonly string[] {
    const found = new Set<string>();
    for (const [, name = ''] of text.matchAll(CALL)) {
      const definers = this.#definers.get(name);
      if (definers?.size !== 1 || apiRow(name) !== undefined) continue;
      for (const definer of definers) if (definer !== file) found.add(definer);
    }
    return [...found].toSorted();
  }

  /** The files that include some of the same headers, those with most of them first. */
  sharersOf({ file, text }: SourceFile): readonly string[] {
    const own = namesOf(text);
    const shared = Array.from(this.#files, ([other, { includes }]) => {
      const common = [...includes].filter((name) => own.has(name)).length;
      return { other, common };
    });
    return shared
      .filter(({ other, common }) => common > 0 && other !== file)
      .toSorted((a, b) => b.common - a.common || (a.other < b.other ? -1 : 1))
      .map(({ other }) => other);
  }
}

function namesOf(text: string): ReadonlySet<string> {
  return new Set(includesOf(text).map(({ name }) => name.slice(/[^/\\]*$/.exec(name)!.index)));
}
