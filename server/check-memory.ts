// What one check leaves for the next one of nearly the same files, so that an edit costs what it changed.
import { ExplorationMemory } from './flow/exploration-memory.ts';
import { ParseMemory } from './flow/parse-memory.ts';
import type { ParsedFile } from './flow/unit.ts';
import type { StoredRow } from './knowledge/row.ts';
import type { Parser } from './syntax/parser.ts';

/** For checks that follow each other with the same parser; what they find does not depend on it. */
export class CheckMemory {
  #files = new ParseMemory();
  readonly functions = new ExplorationMemory();
  #declared = '';

  /** What was read with other rows of the project's own, or with other search paths, is forgotten. */
  among(
    rows: readonly StoredRow[],
    includePaths: ReadonlyMap<string, readonly string[]> = new Map(),
  ): void {
    const declared = JSON.stringify([rows, [...includePaths]]);
    if (declared === this.#declared) return;
    this.#declared = declared;
    this.#files = new ParseMemory();
    this.functions.clear();
  }

  parse(
    sources: readonly { readonly file: string; readonly text: string }[],
    parser: Parser,
  ): ParsedFile[] {
    const { parsed, isAlike } = this.#files.parse(sources, parser);
    if (!isAlike) this.functions.clear();
    return parsed;
  }
}
