// The function definitions of a file, found one alternative at a time where it does not parse whole.
import { definedName, lastName } from '../cfg/classes.ts';
import { apiRow, operatorRow } from '../knowledge/row.ts';
import type { Role } from '../knowledge/vocabulary.ts';
import { chooseAlternative } from '../preprocess/alternatives.ts';
import { conditionOf, type PreprocessorCondition } from '../preprocess/macros.ts';
import { child, type SyntaxNode, walk } from '../syntax/node.ts';
import type { Parser } from '../syntax/parser.ts';

export interface FunctionDefinition {
  readonly name: string;
  readonly isStatic: boolean;
  /** The text that the offsets refer to; the same length as the file's. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The conditions under which the definition is compiled. */
  readonly conditions: readonly PreprocessorCondition[];
  /** Names that it may call or expand. */
  readonly mentions: ReadonlySet<string>;
  /** null: parsed again when it is needed. */
  readonly node: SyntaxNode | null;
}

/** Calls that make a function worth exploring. */
const MEMORY_ROLES: ReadonlySet<Role> = new Set([
  'alloc',
  'realloc',
  'free',
  'handle-free',
  'owned-result',
  'out-param-owned',
  'object-alloc',
  'object-free',
] as const);

/** How a C++ operator is mentioned: `operator new`. */
const OPERATOR = /^operator (.*)$/;

export function handlesMemory(name: string): boolean {
  const operator = OPERATOR.exec(name)?.[1];
  const row = operator === undefined ? apiRow(name) : operatorRow(operator);
  return row !== undefined && MEMORY_ROLES.has(row.role);
}

export function functionsOf(root: SyntaxNode, text: string, parser: Parser): FunctionDefinition[] {
  const found = collect(root, text);
  const broken = found.filter((f) => hasError(f.node));
  const isConditional = /^[ \t]*#[ \t]*if/m.test(text);
  const isWhole = broken.length === 0 && !root.children.some((c) => c.type === 'ERROR');
  const isCxx = parser.language === 'c++';
  if (!isConditional || isWhole) return found.map((f) => definitionOf(f, isCxx));
  const whole = found.filter((f) => !broken.includes(f));
  const names = new Set(whole.map((f) => f.name));
  const repaired = new Map<string, Found>();
  for (const alternative of [0, 1] as const) {
    const chosen = chooseAlternative(text, alternative);
    for (const f of collect(parser.parse(chosen), chosen)) {
      if (names.has(f.name) || hasError(f.node)) continue;
      const key = `${f.name}:${chosen.slice(f.node.start, f.node.end).replace(/\s+/g, ' ')}`;
      if (!repaired.has(key)) repaired.set(key, f);
    }
  }
  const repairedNames = new Set([...repaired.values()].map((f) => f.name));
  const stillBroken = broken.filter((b) => !repairedNames.has(b.name));
  return [...whole, ...repaired.values(), ...stillBroken]
    .toSorted((a, b) => a.node.start - b.node.start)
    .map((f) => definitionOf(f, isCxx));
}

interface Found {
  readonly name: string;
  /** Inside a class, where it may not parse by itself. */
  readonly isInClass: boolean;
  readonly node: SyntaxNode;
  readonly text: string;
  readonly conditions: readonly PreprocessorCondition[];
}

function definitionOf(
  { name, isInClass, node, text, conditions }: Found,
  isCxx: boolean,
): FunctionDefinition {
  const mentions = new Set<string>();
  let handles = false;
  const body = text.slice(node.start, node.end);
  for (const [, identifier] of body.matchAll(/\b([A-Za-z_]\w*)(?=\s*[(,)])|\b[A-Z][A-Z0-9_]+\b/g)) {
    if (identifier === undefined) continue;
    mentions.add(identifier);
    handles ||= handlesMemory(identifier);
  }
  for (const [macro] of body.matchAll(/\b[A-Z][A-Z0-9_]+\b|\btp_(?:alloc|free)\b/g)) {
    mentions.add(macro);
    handles ||= handlesMemory(macro);
  }
  for (const [operator] of isCxx ? body.matchAll(/\b(?:new|delete)\b/g) : []) {
    mentions.add(`operator ${operator}`);
    handles ||= handlesMemory(`operator ${operator}`);
  }
  return {
    name,
    isStatic: node.children.some(
      (c) => c.type === 'storage_class_specifier' && text.slice(c.start, c.end) === 'static',
    ),
    text,
    start: node.start,
    end: node.end,
    conditions,
    mentions,
    node: handles || isInClass ? node : null,
  };
}

/** The syntax tree of a definition, with offsets into its text. */
export function nodeOf(definition: FunctionDefinition, parser: Parser): SyntaxNode | null {
  if (definition.node !== null) return definition.node;
  const { text, start, end } = definition;
  const root = parser.parse(text.slice(start, end));
  const node = root.children.find((c) => c.type === 'function_definition');
  return node === undefined ? null : shifted(node, start);
}

function shifted(node: SyntaxNode, by: number): SyntaxNode {
  return {
    ...node,
    start: node.start + by,
    end: node.end + by,
    children: node.children.map((c) => shifted(c, by)),
  };
}

function hasError(node: SyntaxNode): boolean {
  let found = false;
  walk(node, (n) => {
    found ||= n.type === 'ERROR';
    return !found;
  });
  return found;
}

function collect(root: SyntaxNode, text: string): Found[] {
  const functions: Found[] = [];
  const visit = (
    node: SyntaxNode,
    conditions: readonly PreprocessorCondition[],
    owner: string | null,
  ): void => {
    for (const item of node.children) {
      switch (item.type) {
        case 'function_definition': {
          const name = definedName(item, owner, text);
          const isInClass = owner !== null;
          const hasBody = child(item, 'body') !== undefined;
          if (name !== null && hasBody) {
            functions.push({ name, isInClass, node: item, text, conditions });
          }
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
  };
  visit(root, [], null);
  return functions;
}
