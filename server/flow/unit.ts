// A file made ready for analysis: parsed (one alternative at a time where it does not parse whole),
// its macros, declarations, functions and type objects.
import type { Cfg } from '../cfg/instruction.ts';
import { TooLarge } from '../cfg/builder.ts';
import { CannotLower, type Unit } from '../cfg/context.ts';
import {
  collectDeclarations,
  declaratorName,
  type Declarations,
  emptyDeclarations,
  functionDeclarator,
} from '../cfg/declarations.ts';
import { lowerFunction } from '../cfg/lower-function.ts';
import { chooseAlternative, dropDeadRegions } from '../preprocess/alternatives.ts';
import {
  collectMacros,
  conditionOf,
  type MacroDefinition,
  type PreprocessorCondition,
} from '../preprocess/macros.ts';
import { normalize } from '../preprocess/normalize.ts';
import { PREDEFINED_MACROS } from '../preprocess/predefined.ts';
import { child, type SyntaxNode, walk } from '../syntax/node.ts';
import type { Parser } from '../syntax/parser.ts';
import { SourceText } from '../syntax/source-text.ts';
import { collectTypeObjects, type TypeObject } from './type-objects.ts';

export interface ParsedFile {
  readonly source: SourceText;
  readonly root: SyntaxNode;
  /** The text that `root` refers to; the same length as the source. */
  readonly text: string;
  readonly macros: readonly MacroDefinition[];
  readonly declarations: Declarations;
  /** Names in `#include "…"`. */
  readonly includes: readonly string[];
}

export interface FunctionDefinition {
  readonly name: string;
  readonly node: SyntaxNode;
  readonly text: string;
  /** The conditions under which the definition is compiled. */
  readonly conditions: readonly PreprocessorCondition[];
}

export function parseFile(file: string, text: string, parser: Parser): ParsedFile {
  const source = new SourceText(file, text);
  const parsed = normalize(dropDeadRegions(text));
  const root = parser.parse(parsed);
  const declarations = emptyDeclarations();
  collectDeclarations(root, parsed, declarations);
  return {
    source,
    root,
    text: parsed,
    macros: collectMacros(root, parsed, file),
    declarations,
    includes: [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"/gm)].map((m) => m[1]!),
  };
}

/** The file together with the headers it includes. */
export function unitOf(
  file: ParsedFile,
  headers: readonly ParsedFile[],
  parser: Parser,
  expansions: Unit['expansions'],
): Unit {
  const macros = new Map<string, MacroDefinition[]>();
  for (const part of [...headers, file]) {
    for (const macro of part.macros) {
      const known = macros.get(macro.name);
      if (known === undefined) macros.set(macro.name, [macro]);
      else known.push(macro);
    }
  }
  for (const macro of PREDEFINED_MACROS) {
    if (!macros.has(macro.name)) macros.set(macro.name, [macro]);
  }
  const declarations = emptyDeclarations();
  for (const part of [...headers, file]) {
    part.declarations.structs.forEach((v, k) => declarations.structs.set(k, v));
    part.declarations.aliases.forEach((v, k) => declarations.aliases.set(k, v));
    part.declarations.enumerators.forEach((v) => declarations.enumerators.add(v));
    part.declarations.functions.forEach((v) => declarations.functions.add(v));
  }
  return { source: file.source, parser, macros, declarations, expansions };
}

/** The functions of a file; where a region does not parse, those of each alternative. */
export function functionsOf(file: ParsedFile, parser: Parser): FunctionDefinition[] {
  const functions = collectFunctions(file.root, file.text);
  const broken = functions.filter((f) => hasError(f.node));
  const isConditional = /^[ \t]*#[ \t]*if/m.test(file.text);
  if (!isConditional || (broken.length === 0 && !hasTopLevelError(file.root))) return functions;
  const whole = functions.filter((f) => !broken.includes(f));
  const names = new Set(whole.map((f) => f.name));
  const repaired = new Map<string, FunctionDefinition>();
  for (const alternative of [0, 1] as const) {
    const text = chooseAlternative(file.text, alternative);
    for (const f of collectFunctions(parser.parse(text), text)) {
      if (names.has(f.name) || hasError(f.node)) continue;
      const key = `${f.name}:${text.slice(f.node.start, f.node.end).replace(/\s+/g, ' ')}`;
      if (!repaired.has(key)) repaired.set(key, f);
    }
  }
  const stillBroken = broken.filter((b) => ![...repaired.values()].some((f) => f.name === b.name));
  return [...whole, ...repaired.values(), ...stillBroken].toSorted(
    (a, b) => a.node.start - b.node.start,
  );
}

function hasTopLevelError(root: SyntaxNode): boolean {
  return root.children.some((c) => c.type === 'ERROR');
}

function hasError(node: SyntaxNode): boolean {
  let found = false;
  walk(node, (n) => {
    found ||= n.type === 'ERROR';
    return !found;
  });
  return found;
}

function collectFunctions(root: SyntaxNode, text: string): FunctionDefinition[] {
  const functions: FunctionDefinition[] = [];
  const visit = (node: SyntaxNode, conditions: readonly PreprocessorCondition[]): void => {
    for (const item of node.children) {
      switch (item.type) {
        case 'function_definition': {
          const name = declaratorName(functionDeclarator(item), text);
          if (name !== null) functions.push({ name, node: item, text, conditions });
          break;
        }
        case 'preproc_if':
        case 'preproc_ifdef':
        case 'preproc_elif':
        case 'preproc_elifdef': {
          const condition = conditionOf(item, text);
          const alternative = child(item, 'alternative');
          const compiled = item.children.filter((c) => c !== alternative);
          visit({ ...item, children: compiled }, [...conditions, condition]);
          if (alternative !== undefined) {
            const otherwise = { ...condition, holds: !condition.holds };
            visit({ ...item, children: [alternative] }, [...conditions, otherwise]);
          }
          break;
        }
        case 'preproc_else':
        case 'linkage_specification':
        case 'declaration_list':
        case 'ERROR':
          visit(item, conditions);
      }
    }
  };
  visit(root, []);
  return functions;
}

/** The control-flow graph, or why there is none. */
export function lower(unit: Unit, definition: FunctionDefinition): Cfg | string {
  try {
    return lowerFunction(unit, definition.text, definition.node);
  } catch (error) {
    if (error instanceof CannotLower || error instanceof TooLarge) return error.message;
    if (error instanceof RangeError) return 'expressions are nested too deeply';
    throw error;
  }
}

export function typeObjectsOf(file: ParsedFile): TypeObject[] {
  return collectTypeObjects(file.root, file.text);
}
