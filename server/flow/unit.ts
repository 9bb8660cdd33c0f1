// A file made ready for analysis: its macros, declarations, functions and type objects. Function bodies
// are parsed when they are explored; no syntax tree is kept.
import { TooLarge } from '../cfg/builder.ts';
import { CannotLower, type Expansion, type Unit } from '../cfg/context.ts';
import {
  collectDeclarations,
  type Declarations,
  emptyDeclarations,
  type StructMember,
} from '../cfg/declarations.ts';
import { type ClassFacts, collectClasses, type Signature } from '../cfg/classes.ts';
import type { Cfg } from '../cfg/instruction.ts';
import { lowerFunction } from '../cfg/lower-function.ts';
import { dropDeadRegions } from '../preprocess/alternatives.ts';
import { collectMacros, type MacroDefinition } from '../preprocess/macros.ts';
import { normalize } from '../preprocess/normalize.ts';
import { includedOperators } from '../preprocess/operator-names.ts';
import { outlineOf } from '../preprocess/outline.ts';
import { groupBy } from '../group-by.ts';
import { isGenerated } from '../preprocess/generated.ts';
import { codeOfSwig, isSwig } from '../preprocess/swig.ts';
import { PREDEFINED } from '../preprocess/predefined.ts';
import { isHeader, type Language, languageOf } from '../syntax/language.ts';
import type { Parser } from '../syntax/parser.ts';
import { SourceText } from '../syntax/source-text.ts';
import type { FunctionBody } from './function-body.ts';
import { type FunctionDefinition, functionsOf } from './functions.ts';
import { type PointerFacts, pointerFactsOf } from './pointer-facts.ts';
import { type TypeObject, typeObjectsIn } from './type-objects.ts';
import { firstInclude, type Include, includesOf } from '../preprocess/includes.ts';

export interface ParsedFile {
  readonly source: SourceText;
  readonly language: Language;
  /** A program wrote it. */
  readonly isGenerated: boolean;
  readonly macros: ReadonlyMap<string, readonly MacroDefinition[]>;
  readonly declarations: Declarations;
  readonly functions: readonly FunctionDefinition[];
  readonly types: readonly TypeObject[];
  /** Functions in the method tables of modules and types. */
  readonly methods: ReadonlySet<string>;
  /** It uses the Python C API. */
  readonly isExtension: boolean;
  readonly pointers: PointerFacts;
  readonly includes: readonly Include[];
}

export function parseFile(file: string, text: string, anyParser: Parser): ParsedFile {
  const language = languageOf(file, text);
  const parser = anyParser.in(language);
  const source = new SourceText(file, text);
  const alive = dropDeadRegions(isSwig(file, text) ? codeOfSwig(text) : text);
  // Incomplete: of C++ the whole text is parsed; what a brace opens there is not told by braces alone.
  const cut =
    language === 'c' ? outlineOf(alive) : { text: alive, declarations: alive, functions: [] };
  const outline = { ...cut, text: normalize(cut.declarations) };
  const root = parser.parse(outline.text);
  const declarations = emptyDeclarations();
  collectDeclarations(root, outline.text, declarations);
  for (const { name, start } of outline.functions) {
    declarations.functions.add(name);
    const result = /\b(\w+)\s*\*\s*\w+\s*\($/.exec(
      alive.slice(start, alive.indexOf('(', alive.indexOf(name, start)) + 1),
    );
    if (result !== null) declarations.results.set(name, result[1]!);
  }
  const methodTables = cut.text.includes('METH_') ? cut.text : '';
  // Files of C++ include headers that might be C.
  if (language === 'c++' || isHeader(file)) collectClasses(root, outline.text, declarations.cxx);
  return {
    source,
    language,
    isGenerated: isGenerated(text),
    macros: groupBy(
      [...includedOperators(alive, file), ...collectMacros(root, outline.text, file)],
      (macro) => macro.name,
    ),
    declarations,
    functions: functionsOf({ text: alive, outline, root }, parser),
    types: typeObjectsIn(alive),
    methods: new Set(
      Array.from(methodTables.matchAll(/\b(\w+)[)\s]*,\s*\(?\s*METH_[A-Z]/g), (m) => m[1]!),
    ),
    isExtension: isExtensionText(text),
    includes: includesOf(cut.text),
    pointers: pointerFactsOf(alive, language === 'c' ? cut.text : ''),
  };
}

export function isExtensionText(text: string): boolean {
  return /\bPy(?:Object|_ssize_t|Mem_|MODINIT)|[<"]Python\.h[>"]/.test(text);
}

/** The file together with the headers it includes; looked up when needed. */
export function unitOf(file: ParsedFile, headers: readonly ParsedFile[], parser: Parser): Unit {
  const parts = [...headers, file];
  const announced = definedBeforeIncludes(file);
  const struct = (name: string): ReadonlyMap<string, StructMember> | undefined =>
    parts.findLast((p) => p.declarations.structs.has(name))?.declarations.structs.get(name);
  const classFacts = (name: string): ClassFacts | undefined =>
    parts.findLast((p) => p.declarations.cxx.classes.has(name))?.declarations.cxx.classes.get(name);
  // A header declares what the file defines: `static` and `virtual` stand in the class alone.
  const signature = (name: string): Signature | undefined =>
    parts
      .find((p) => p.declarations.cxx.signatures.has(name))
      ?.declarations.cxx.signatures.get(name);
  const enumerator = (name: string): number | null => {
    const declaring = parts.filter((p) => p.declarations.enumerators.has(name));
    const values = new Set(declaring.map((p) => p.declarations.enumerators.get(name)));
    return values.size === 1 ? ([...values][0] ?? null) : null;
  };
  const alias = (name: string): string | undefined =>
    parts.findLast((p) => p.declarations.aliases.has(name))?.declarations.aliases.get(name);
  return {
    source: file.source,
    parser: parser.in(file.language),
    macros: {
      get: memoized((name) => {
        const found = parts.flatMap((p) =>
          (p.macros.get(name) ?? []).filter((macro) => p === file || !isLeftOut(macro, announced)),
        );
        return found.length > 0 ? found : PREDEFINED.get(name);
      }),
    },
    declarations: {
      structs: { get: memoized(struct) },
      aliases: { get: memoized(alias) },
      types: { has: memoized((name) => parts.some((p) => p.declarations.types.has(name))) },
      unions: { has: memoized((name) => parts.some((p) => p.declarations.unions.has(name))) },
      enumerators: {
        has: memoized((name) => parts.some((p) => p.declarations.enumerators.has(name))),
        valueOf: memoized(enumerator),
      },
      functions: {
        has: memoized((name) => parts.some((p) => p.declarations.functions.has(name))),
      },
      arrays: { has: memoized((name) => parts.some((p) => p.declarations.arrays.has(name))) },
      cxx: {
        classes: { get: memoized(classFacts) },
        signatures: { get: memoized(signature) },
        statics: {
          has: memoized((name) => parts.some((p) => p.declarations.cxx.statics.has(name))),
        },
      },
      results: {
        get: memoized((name) =>
          parts.findLast((p) => p.declarations.results.has(name))?.declarations.results.get(name),
        ),
      },
      variables: {
        get: memoized((name) =>
          parts
            .findLast((p) => p.declarations.variables.has(name))
            ?.declarations.variables.get(name),
        ),
      },
    },
    expansions: expansionsOf(parser.in(file.language)),
  };
}

/** Macros of a header are expanded alike in every file; the text of an expansion is all that it depends on. */
const EXPANSIONS = new WeakMap<Parser, Map<string, Expansion | null>>();
const MAX_EXPANSIONS = 20_000;

function expansionsOf(parser: Parser): Map<string, Expansion | null> {
  const known = EXPANSIONS.get(parser);
  if (known !== undefined && known.size < MAX_EXPANSIONS) return known;
  const made = new Map<string, Expansion | null>();
  EXPANSIONS.set(parser, made);
  return made;
}

/** What the file defines for its headers to see: `#define API_INTERNAL` before `#include "api.h"`. */
function definedBeforeIncludes(file: ParsedFile): ReadonlySet<string> {
  const { text } = file.source;
  const include = firstInclude(text);
  const names = new Set<string>();
  for (const [name, definitions] of file.macros) {
    const isSeen = definitions.some(
      ({ conditions, offset, until }) =>
        conditions.length === 0 && offset < include && until === Infinity,
    );
    if (isSeen) names.add(name);
  }
  return names;
}

/** It is defined where one of these names is not. */
function isLeftOut(macro: MacroDefinition, defined: ReadonlySet<string>): boolean {
  return macro.conditions.some(({ text, holds }) => {
    const name = /^defined\((\w+)\)$/.exec(text)?.[1];
    return name !== undefined && !holds && defined.has(name);
  });
}

function memoized<T>(look: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    if (!known.has(name)) known.set(name, look(name));
    return known.get(name)!;
  };
}

/** The control-flow graph, or why there is none. */
export function lower(unit: Unit, name: string, body: FunctionBody): Cfg | string {
  try {
    return lowerFunction(unit, name, body);
  } catch (error) {
    if (error instanceof CannotLower || error instanceof TooLarge) return error.message;
    if (error instanceof RangeError) return 'expressions are nested too deeply';
    throw error;
  }
}
