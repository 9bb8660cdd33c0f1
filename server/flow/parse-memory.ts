// Files made ready for analysis, kept from one check to the next. After an edit inside one function body
// that leaves all declarations as they are, only that function is read anew and the rest is moved.
import type { MacroDefinition } from '../preprocess/macros.ts';
import { dropDeadRegions } from '../preprocess/alternatives.ts';
import { outlineOf } from '../preprocess/outline.ts';
import type { Parser } from '../syntax/parser.ts';
import { SourceText } from '../syntax/source-text.ts';
import { definitionOf, type FunctionDefinition } from './functions.ts';
import { setMembers } from './pointer-facts.ts';
import { movedType } from './type-objects.ts';
import { isExtensionText, type ParsedFile, parseFile } from './unit.ts';

export class ParseMemory {
  #files: ReadonlyMap<string, ParsedFile> = new Map();

  /** `isAlike`: no declaration, macro or signature of any file has changed since the last call. */
  parse(
    files: readonly { readonly file: string; readonly text: string }[],
    parser: Parser,
  ): { readonly parsed: ParsedFile[]; readonly isAlike: boolean } {
    const last = this.#files;
    let isAlike = last.size === files.length;
    const names = [...last.keys()];
    const parsed = files.map(({ file, text }, i) => {
      const known = last.get(file);
      const kept = known === undefined ? null : edited(known, text);
      isAlike &&= kept !== null && names[i] === file;
      return kept ?? parseFile(file, text, parser);
    });
    this.#files = new Map(parsed.map((file) => [file.source.file, file]));
    return { parsed, isAlike };
  }
}

/** What in a function body is read as more than the body. */
const DECLARES =
  /^[ \t]*#[ \t]*(?:define|undef|include)|\bPyTypeObject\s+\w+\s*=|\bPyType_(?:From|Slot|Spec)|\.\s*tp_\w+\s*[|&]?=|\bMETH_[A-Z]/m;

/** The file with another text; null: more than one function body differs. */
function edited(file: ParsedFile, text: string): ParsedFile | null {
  const before = file.source.text;
  if (before === text) return file;
  if (file.language !== 'c') return null;
  const from = commonPrefix(before, text);
  const to = before.length - commonSuffix(before, text, from);
  const by = text.length - before.length;
  const index = file.functions.findIndex((f) => f.start < from && to < f.end);
  const old = file.functions[index];
  if (old === undefined || old.body !== null || from <= bodyStart(old)) return null;
  const definition = bodyEdited(old, before, text.slice(old.start, old.end + by));
  if (definition === null) return null;
  const moved = (offset: number): number => (offset >= to ? offset + by : offset);
  return {
    ...file,
    source: new SourceText(file.source.file, text),
    isExtension: isExtensionText(text),
    functions: file.functions.map((f, i) =>
      i === index ? definition : f.start < to ? f : movedFunction(f, by),
    ),
    macros: by === 0 ? file.macros : movedMacros(file.macros, moved),
    types: by === 0 ? file.types : file.types.map((type) => movedType(type, moved)),
  };
}

function bodyStart({ start, text }: FunctionDefinition): number {
  const brace = text.indexOf('{');
  return brace < 0 ? Number.POSITIVE_INFINITY : start + brace;
}

/** null: the text is not that of the same function with another body. */
function bodyEdited(
  old: FunctionDefinition,
  fileBefore: string,
  written: string,
): FunctionDefinition | null {
  const writtenBefore = fileBefore.slice(old.start, old.end);
  if (DECLARES.test(writtenBefore) || DECLARES.test(written)) return null;
  if (setMembers(writtenBefore).length > 0 || setMembers(written).length > 0) return null;
  if (dropDeadRegions(writtenBefore) !== old.text) return null;
  const text = detached(dropDeadRegions(written));
  const [only, ...others] = outlineOf(text).functions;
  if (only === undefined || others.length > 0) return null;
  if (only.start !== 0 || only.end !== text.length || only.name !== old.name) return null;
  const { name, isStatic, conditions, start } = old;
  const end = start + text.length;
  return definitionOf({ name, isStatic, conditions, start, end }, text, false);
}

/** The same text with memory of its own: a slice keeps all of the text that it was cut from. */
function detached(slice: string): string {
  return structuredClone(slice);
}

function movedFunction(f: FunctionDefinition, by: number): FunctionDefinition {
  const body = f.body === null ? null : { ...f.body, start: f.body.start + by };
  return by === 0 ? f : { ...f, start: f.start + by, end: f.end + by, body };
}

function movedMacros(
  macros: ParsedFile['macros'],
  moved: (offset: number) => number,
): ParsedFile['macros'] {
  return new Map(
    Array.from(macros, ([name, definitions]): [string, readonly MacroDefinition[]] => [
      name,
      definitions.map((d) => ({ ...d, offset: moved(d.offset) })),
    ]),
  );
}

function commonPrefix(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

/** Not overlapping the first `prefix` characters. */
function commonSuffix(a: string, b: string, prefix: number): number {
  const length = Math.min(a.length, b.length) - prefix;
  let i = 0;
  while (i < length && a.charCodeAt(a.length - 1 - i) === b.charCodeAt(b.length - 1 - i)) i++;
  return i;
}
