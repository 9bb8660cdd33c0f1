// From texts to a program: which files are worth parsing, what each of them declares, who may call whom.
import type { CheckMemory } from './check-memory.ts';
import type { Progress, SourceFile } from './check.ts';
import type { CallGraph } from './flow/call-graph.ts';
import { changesThreadState, handlesMemory, startsDetached } from './flow/functions.ts';
import { type ParsedFile, parseFile } from './flow/unit.ts';
import { allRows } from './knowledge/row.ts';
import { isGenerated } from './preprocess/generated.ts';
import type { Settings } from './settings.ts';
import { isCxxFileName, isHeader } from './syntax/language.ts';
import type { Parser } from './syntax/parser.ts';
import { callGraphOf } from './workspace.ts';

export interface Prepared {
  /** The files that are worth it. */
  readonly parsed: readonly ParsedFile[];
  readonly graph: CallGraph;
}

/** A source without any of these has nothing to find; it is not parsed. Headers declare structs for others. */
const MENTIONS_MEMORY =
  /alloc|free|Free|FREE|PyMem_|PyObject_(?:GC_)?(?:New|NEW|Del|DEL)|PyArg_|DataMem|DimMem|strn?dup|getline|printf|_THREADS|SaveThread|#[ \t]*define/;
/** Of C++, besides. */
const MENTIONS_OPERATOR = /\b(?:new|delete)\b/;

/** The other functions of the table that are looked for: `getaddrinfo`; null: nobody has asked yet. */
let mentionsRow: RegExp | null = null;

function rowPattern(): RegExp {
  const names = allRows()
    .map(({ name }) => name)
    .filter((name) => /^[\w:]+$/.test(name) && !MENTIONS_MEMORY.test(name))
    .filter((name) => handlesMemory(name) || changesThreadState(name) || startsDetached(name));
  return new RegExp(String.raw`\b(?:${names.join('|')})\b`);
}

function namesMemory(text: string): boolean {
  return MENTIONS_MEMORY.test(text) || (mentionsRow ??= rowPattern()).test(text);
}

function mentionsMemory({ file, text }: SourceFile, { functions }: Settings): boolean {
  return (
    namesMemory(text) ||
    (isCxxFileName(file) && MENTIONS_OPERATOR.test(text)) ||
    functions.some(({ name }) => text.includes(name))
  );
}

/** The files that have to do with memory, and all headers; in an order of their own. */
export function relevantFiles(
  files: readonly SourceFile[],
  settings: Settings,
): readonly SourceFile[] {
  // A header may hide every memory function behind a macro.
  const hidden = files.some(({ file, text }) => isHeader(file) && namesMemory(text));
  return files
    .filter(({ text }) => settings.generated || !isGenerated(text))
    .filter((file) => hidden || isHeader(file.file) || mentionsMemory(file, settings))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

/** Stops before each file. */
export function* prepareInSteps(
  files: readonly SourceFile[],
  parser: Parser,
  settings: Settings,
  memory: CheckMemory | null,
  /** A file that was read before; null: it was not. */
  known: (source: SourceFile) => ParsedFile | null = () => null,
): Generator<Progress, Prepared> {
  const relevant = relevantFiles(files, settings);
  memory?.among(settings.functions, includePathsOf(files));
  const parsed: ParsedFile[] = [];
  if (memory !== null) parsed.push(...memory.parse(relevant, parser));
  else {
    for (const source of relevant) {
      yield { phase: 'parse', done: parsed.length, of: relevant.length };
      parsed.push(known(source) ?? parseFile(source.file, source.text, parser));
    }
  }
  const prepared = linked(parsed, files, parser);
  memory?.functions.within(prepared.graph.pointers.fingerprint());
  return prepared;
}

/** `parsed`: in the order of `relevantFiles`; `files`: their sources, and any others. */
export function linked(
  parsed: readonly ParsedFile[],
  files: readonly SourceFile[],
  parser: Parser,
): Prepared {
  const includePaths = includePathsOf(files);
  return { parsed, graph: callGraphOf(parsed, parser, (file) => includePaths.get(file) ?? []) };
}

/** By file. */
function includePathsOf(files: readonly SourceFile[]): ReadonlyMap<string, readonly string[]> {
  return new Map(files.map((file) => [file.file, file.includePaths ?? []]));
}
