// What one check leaves for the next one of nearly the same files, so that an edit costs what it changed.
import { ExplorationMemory } from './flow/exploration-memory.ts';
import { ParseMemory } from './flow/parse-memory.ts';
import type { ParsedFile } from './flow/unit.ts';
import type { Parser } from './syntax/parser.ts';

/** For checks that follow each other with the same parser; what they find does not depend on it. */
export class CheckMemory {
  readonly #files = new ParseMemory();
  readonly functions = new ExplorationMemory();

  parse(
    sources: readonly { readonly file: string; readonly text: string }[],
    parser: Parser,
  ): ParsedFile[] {
    const { parsed, isAlike } = this.#files.parse(sources, parser);
    if (!isAlike) this.functions.clear();
    return parsed;
  }
}
