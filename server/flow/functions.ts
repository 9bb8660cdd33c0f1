// The function definitions of a file, found one alternative at a time where it does not parse whole.
import { definedName, lastName } from '../cfg/classes.ts';
import { isObjectFamily } from '../knowledge/release.ts';
import { apiRow, loadedApi, operatorRow } from '../knowledge/row.ts';
import type { Role } from '../knowledge/vocabulary.ts';
import { chooseAlternative } from '../preprocess/alternatives.ts';
import { conditionOf, type PreprocessorCondition } from '../preprocess/macros.ts';
import type { Outline, OutlinedFunction } from '../preprocess/outline.ts';
import { child, hasError, type SyntaxNode } from '../syntax/node.ts';
import type { Parser } from '../syntax/parser.ts';
import { parseFormat } from './format-string.ts';
import type { FunctionBody } from './function-body.ts';

export interface FunctionDefinition {
  readonly name: string;
  readonly isStatic: boolean;
  /** Its own text. */
  readonly text: string;
  /** Offsets into the file's text. */
  readonly start: number;
  readonly end: number;
  /** The conditions under which the definition is compiled. */
  readonly conditions: readonly PreprocessorCondition[];
  /** Names that it may call or expand. */
  readonly mentions: ReadonlySet<string>;
  /** null: parsed when it is needed. */
  readonly body: FunctionBody | null;
}

/** Calls that make a function worth exploring. */
const MEMORY_ROLES: ReadonlySet<Role> = new Set([
  'alloc',
  'realloc',
  'free',
  'handle-free',
  'owned-result',
  'out-param-owned',
  'buffer-acquire',
  'buffer-release',
  'object-alloc',
  'object-free',
] as const);

/** How a C++ operator is mentioned: `operator new`. */
const OPERATOR = /^operator (.*)$/;

/** How a format of argument parsing with a unit that allocates is mentioned. */
const ALLOCATING_FORMAT = 'format that allocates';
/** What may be such a format. */
const FORMAT = /"([\w|$()*#&!, ]*(?:e[st]|[syw]\*)[^"\n]*)"/g;

/** Calls that say whether others may use the Python memory manager. */
export function changesThreadState(name: string): boolean {
  return (apiRow(name)?.threadState ?? null) !== null;
}

/** Calls, and variables of Python, that have functions run without a thread state. */
export function startsDetached(name: string): boolean {
  const row = apiRow(name);
  return row !== undefined && (row.threadEntryArg !== null || row.runsDetached);
}

export function handlesMemory(name: string): boolean {
  if (name === ALLOCATING_FORMAT) return true;
  const operator = OPERATOR.exec(name)?.[1];
  const row = operator === undefined ? apiRow(loadedApi(name) ?? name) : operatorRow(operator);
  if (row === undefined) return false;
  // A reference is not followed; what releases it as memory is of interest by itself.
  if (row.role === 'out-param-owned' && isObjectFamily(row.family)) return false;
  return MEMORY_ROLES.has(row.role);
}

/** `text` is that of the file, `outline` what is left of it without definitions, `root` the tree of that. */
export function functionsOf(
  { text, outline, root }: { text: string; outline: Outline; root: SyntaxNode },
  parser: Parser,
): FunctionDefinition[] {
  const isCxx = parser.language === 'c++';
  return [
    ...outline.functions.map((f) => definitionOf(f, text.slice(f.start, f.end), isCxx)),
    ...unclear(root, outline.text, parser).map((found) => {
      const definition = definitionOf(found, found.text.slice(found.start, found.end), isCxx);
      const isKept = found.isInClass || [...definition.mentions].some(handlesMemory);
      return isKept ? { ...definition, body: { ...found, start: 0 } } : definition;
    }),
  ].toSorted((a, b) => a.start - b.start);
}

/** A brace that may open a function body. */
const BODY = /(?:[);]|#[^\n]*\n)\s*\{/;

/** The functions that the outline still holds; where it does not parse, one alternative at a time. */
function unclear(root: SyntaxNode, text: string, parser: Parser): Found[] {
  const found = collect(root, text);
  const broken = found.filter((f) => hasError(f.node));
  const isConditional = /^[ \t]*#[ \t]*if/m.test(text);
  const isWhole = broken.length === 0 && !root.children.some((c) => c.type === 'ERROR');
  if (!isConditional || isWhole || !BODY.test(text)) return found;
  const unbroken = found.filter((f) => !broken.includes(f));
  const names = new Set(unbroken.map((f) => f.name));
  const repaired = new Map<string, Found>();
  for (const alternative of [0, 1] as const) {
    const chosen = chooseAlternative(text, alternative).text;
    for (const f of collect(parser.parse(chosen), chosen)) {
      if (names.has(f.name) || hasError(f.node)) continue;
      const key = `${f.name}:${chosen.slice(f.start, f.end).replace(/\s+/g, ' ')}`;
      if (!repaired.has(key)) repaired.set(key, f);
    }
  }
  const repairedNames = new Set([...repaired.values()].map((f) => f.name));
  const stillBroken = broken.filter((b) => !repairedNames.has(b.name));
  return [...unbroken, ...repaired.values(), ...stillBroken];
}

interface Found extends OutlinedFunction {
  /** Inside a class, where it may not parse by itself. */
  readonly isInClass: boolean;
  readonly text: string;
  readonly node: SyntaxNode;
}

export function definitionOf(
  { name, isStatic, start, end, conditions }: OutlinedFunction,
  text: string,
  isCxx: boolean,
): FunctionDefinition {
  const mentions = new Set<string>();
  const ownName = /\w+$/.exec(name)?.[0] ?? name;
  let isHeadPassed = false;
  for (const [, identifier] of text.matchAll(/\b([A-Za-z_]\w*)(?=\s*[(,)])/g)) {
    if (identifier === undefined) continue;
    // In its own head a function does not call itself.
    if (!isHeadPassed && identifier === ownName) {
      isHeadPassed = true;
      continue;
    }
    mentions.add(identifier);
  }
  for (const [macro] of text.matchAll(
    /\b[A-Z][A-Z0-9_]+\b|\bPy_[A-Z][A-Z_]+\b|\btp_(?:alloc|free)\b|\b\w*_(?:cleanup|auto)\w+/g,
  )) {
    mentions.add(macro);
  }
  for (const [operator] of isCxx ? text.matchAll(/\b(?:new|delete)\b/g) : []) {
    mentions.add(`operator ${operator}`);
  }
  if (hasAllocatingFormat(text, mentions)) mentions.add(ALLOCATING_FORMAT);
  return { name, isStatic, text, start, end, conditions, mentions, body: null };
}

/** Whether arguments are parsed, and a string of the function is a format of which a unit allocates. */
function hasAllocatingFormat(text: string, mentions: ReadonlySet<string>): boolean {
  const formats = [...text.matchAll(FORMAT)].map(([, format]) => format!);
  return (
    formats.length > 0 &&
    [...mentions].some((name) => apiRow(name)?.role === 'format-parser') &&
    formats.some((format) => parseFormat(format)?.some(({ row }) => MEMORY_ROLES.has(row.role)))
  );
}

/** Of structs, classes and conditionals around a definition; nobody writes as many. */
const MAX_NESTING = 500;

function collect(root: SyntaxNode, text: string): Found[] {
  const functions: Found[] = [];
  let depth = 0;
  const visit = (
    node: SyntaxNode,
    conditions: readonly PreprocessorCondition[],
    owner: string | null,
  ): void => {
    if (depth === MAX_NESTING) return;
    depth++;
    for (const item of node.children) {
      switch (item.type) {
        case 'function_definition': {
          const name = definedName(item, owner, text);
          const isInClass = owner !== null;
          const hasBody = child(item, 'body') !== undefined;
          if (name === null || !hasBody) break;
          const isStatic = item.children.some(
            (c) => c.type === 'storage_class_specifier' && text.slice(c.start, c.end) === 'static',
          );
          const { start, end } = item;
          functions.push({ name, isStatic, isInClass, start, end, node: item, text, conditions });
          break;
        }
        case 'preproc_if':
        case 'preproc_ifdef':
        case 'preproc_elif':
        case 'preproc_elifdef': {
          const condition = conditionOf(item, text);
          const alternative = child(item, 'alternative');
          const compiled = item.children.filter((c) => c !== alternative);
          visit({ ...item, children: compiled }, [...conditions, condition], owner);
          if (alternative !== undefined) {
            const otherwise = { ...condition, holds: !condition.holds };
            visit({ ...item, children: [alternative] }, [...conditions, otherwise], owner);
          }
          break;
        }
        case 'class_specifier':
        case 'struct_specifier': {
          const name = child(item, 'name');
          const body = child(item, 'body');
          if (name !== undefined && body !== undefined) {
            visit(body, conditions, lastName(name, text) ?? '?');
          }
          break;
        }
        case 'declaration':
        case 'field_declaration':
        case 'type_definition':
          visit(
            { ...item, children: item.children.filter((c) => c.field === 'type') },
            conditions,
            owner,
          );
          break;
        case 'namespace_definition':
        case 'preproc_else':
        case 'linkage_specification':
        case 'declaration_list':
        case 'ERROR':
          visit(item, conditions, owner);
      }
    }
    depth--;
  };
  visit(root, [], null);
  return functions;
}
