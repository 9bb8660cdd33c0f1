// Macro uses are lowered as what they expand to; spans stay at the use, and the macro is remembered.
import { apiRow } from '../knowledge/row.ts';
import { expandedArguments, expandUse } from '../preprocess/expand.ts';
import { expandBody, type MacroDefinition, splitArguments } from '../preprocess/macros.ts';
import { normalize } from '../preprocess/normalize.ts';
import { withOperators } from '../preprocess/operator-names.ts';
import { PREDEFINED } from '../preprocess/predefined.ts';
import { child, type SyntaxNode, walk } from '../syntax/node.ts';
import { add, type Expansion, type Lowering, opaque, spanOf, textOf } from './context.ts';
import type { Place, Temp } from './instruction.ts';
import { branchOnPreprocessor } from './lower-preprocessor.ts';

const MAX_DEPTH = 12;
const MAX_EXPANSIONS = 4000;

/** `NAME(args)` where NAME is a macro; null: lower it as a call. */
export function expandMacroCall(
  lowering: Lowering,
  call: SyntaxNode,
  name: SyntaxNode,
  list: SyntaxNode,
  boundTo: string,
): Temp | null {
  const written = textOf(lowering, name);
  const macros = definitionsAt(lowering, written, name.start);
  if (macros === null) return null;
  const definitions = withFunction(lowering, written, macros);
  const args = splitArguments(argumentText(lowering, list).slice(1, -1));
  const bodies = definitions.map((definition) => {
    if (definition.parameters === null) return `${definition.body}${textOf(lowering, list)}`;
    return expandBody(definition, args, expandedArguments(args, lowering.unit.macros));
  });
  return lowerBodies(lowering, call, written, definitions, bodies, boundTo);
}

/**
 * `RELEASE(, p);`: a macro with an empty argument, which the grammar takes for a type, or for `RELEASE, p` with
 * mistakes; false: anything else, or no macro in view.
 */
export function expandMacroMarker(lowering: Lowering, node: SyntaxNode): boolean {
  const [first] = node.children;
  const isBroken =
    first?.type === 'comma_expression' && first.children.some(({ type }) => type === 'ERROR');
  const name = isBroken ? child(first, 'left') : child(node, 'name');
  if (name?.type !== 'identifier') return false;
  const list = listBehind(lowering, node, name);
  if (list === null) return false;
  return expandMacroCall(lowering, node, name, list, '') !== null;
}

/** The parentheses between the name and the end of the node, whatever the grammar takes them for. */
function listBehind(lowering: Lowering, node: SyntaxNode, name: SyntaxNode): SyntaxNode | null {
  const written = textOf(lowering, { ...node, start: name.end });
  const start = name.end + written.indexOf('(');
  const end = name.end + written.lastIndexOf(')') + 1;
  return end <= start ? null : { ...node, start, end };
}

/** `ENTRY(char *, &p) = q;`: with a type among its arguments the grammar takes the macro for a type. */
export function placeOfMacroType(
  lowering: Lowering,
  node: SyntaxNode,
  placeOf: (expression: SyntaxNode) => Place | null,
): Place | null {
  const name = child(node, 'name');
  const list = name === undefined ? null : listBehind(lowering, node, name);
  if (name === undefined || list === null) return null;
  const children = [
    { ...name, field: 'function' },
    { ...list, field: 'arguments' },
  ];
  return placeOfMacroCall(lowering, { ...node, children }, placeOf);
}

/** As written: the parser does not see statements and types that are arguments. */
function argumentText(lowering: Lowering, list: SyntaxNode): string {
  const written =
    lowering.expandedAt === null
      ? lowering.unit.source.text.slice(lowering.start + list.start, lowering.start + list.end)
      : '';
  // Of a conditional inside the arguments one alternative was chosen.
  return written === '' || /^[ \t]*#/m.test(written) ? textOf(lowering, list) : written;
}

/**
 * An object-like macro that stands for an lvalue: `#define arenas (state->arenas)`. undefined: not a
 * macro; null: a macro that is no lvalue.
 */
export function inMacroPlace(
  lowering: Lowering,
  node: SyntaxNode,
  name: string,
  placeOf: (expression: SyntaxNode) => Place | null,
): Place | null | undefined {
  const definitions = definitionsAt(lowering, name, node.start);
  if (definitions === null) return undefined;
  const [definition] = definitions;
  if (definition === undefined || definitions.length > 1 || definition.parameters !== null)
    return null;
  const expansion = parseExpansion(lowering, definition.body);
  const [statement] = expansion?.statements ?? [];
  const expression = statement?.type === 'expression_statement' ? statement.children[0] : undefined;
  if (expansion === null || expression === undefined) return null;
  const outer = enterExpansion(lowering, node, name, expansion);
  const place = placeOf(expression);
  Object.assign(lowering, outer);
  return place;
}

/** `ITEM(list, i) = p`: the place that a function-like macro with one definition stands for; null: none. */
export function placeOfMacroCall(
  lowering: Lowering,
  call: SyntaxNode,
  placeOf: (expression: SyntaxNode) => Place | null,
): Place | null {
  const name = child(call, 'function');
  if (name?.type !== 'identifier') return null;
  const definitions = definitionsAt(lowering, textOf(lowering, name), name.start);
  return definitions?.length === 1 ? askExpansion(lowering, call, placeOf) : null;
}

/** What a macro that stands for an expression says when asked: `FOO_CAST(op)`; null: no such macro. */
export function askExpansion<T>(
  lowering: Lowering,
  call: SyntaxNode,
  ask: (expression: SyntaxNode) => T | null,
): T | null {
  const name = child(call, 'function');
  if (name?.type !== 'identifier') return null;
  const expansion = expansionOf(lowering, call) ?? null;
  const [statement, ...others] = expansion?.statements ?? [];
  const expression = statement?.type === 'expression_statement' ? statement.children[0] : undefined;
  if (expansion === null || expression === undefined || others.length > 0) return null;
  const outer = enterExpansion(lowering, call, textOf(lowering, name), expansion);
  const answer = ask(expression);
  Object.assign(lowering, outer);
  return answer;
}

/** What a use of a macro stands for, in its first definition; undefined: no macro in view, null: no C. */
export function expansionOf(lowering: Lowering, use: SyntaxNode): Expansion | null | undefined {
  const name = use.type === 'identifier' ? use : child(use, 'function');
  const list = child(use, 'arguments');
  if (name === undefined) return undefined;
  const [definition] = definitionsAt(lowering, textOf(lowering, name), name.start) ?? [];
  if (definition === undefined) return undefined;
  if (list === undefined)
    return definition.parameters === null ? parseExpansion(lowering, definition.body) : undefined;
  const args = splitArguments(argumentText(lowering, list).slice(1, -1));
  const body = expandBody(definition, args, expandedArguments(args, lowering.unit.macros));
  return body === null ? null : parseExpansion(lowering, body);
}

/** The same with the macros in it expanded, too. */
export function wholeExpansionOf(lowering: Lowering, use: SyntaxNode): Expansion | null {
  const name = use.type === 'identifier' ? use : child(use, 'function');
  const list = child(use, 'arguments');
  if (name === undefined) return null;
  const args = list === undefined ? null : argumentText(lowering, list).slice(1, -1);
  const [body] = expandUse(textOf(lowering, name), args, lowering.unit.macros);
  return body === undefined ? null : parseExpansion(lowering, body);
}

/** An object-like macro used as a value or a statement; null: not a macro. */
export function expandMacroName(lowering: Lowering, node: SyntaxNode, name: string): Temp | null {
  const definitions = definitionsAt(lowering, name, node.start);
  if (definitions === null || definitions.some((d) => d.parameters !== null)) return null;
  return lowerBodies(
    lowering,
    node,
    name,
    definitions,
    definitions.map((d) => d.body),
    '',
  );
}

/**
 * The definitions that can hold where the name is used. A name of the knowledge table is only taken
 * for a macro when the file redefines it whatever the conditions are.
 */
function definitionsAt(
  lowering: Lowering,
  name: string,
  offset: number,
): readonly MacroDefinition[] | null {
  const all = lowering.unit.macros.get(name);
  if (all === undefined || lowering.through.includes(name)) return null;
  if (lowering.scopes.lookup(name) !== undefined) return null;
  if (lowering.through.length >= MAX_DEPTH || lowering.expansionCount >= MAX_EXPANSIONS)
    return null;
  const file = lowering.unit.source.file;
  const use = lowering.expandedAt === null ? lowering.start + offset : lowering.usedAt;
  const before = all.filter((d) =>
    d.file === file ? d.offset < use && use < d.until : d.until === Infinity,
  );
  const distinct = new Map<string, MacroDefinition>();
  for (const definition of before) {
    if (definition.conditions.length === 0) distinct.clear();
    distinct.set(JSON.stringify(definition.conditions), definition);
  }
  const definitions = [...distinct.values()];
  if (definitions.length === 0) return null;
  if (apiRow(name) !== undefined && definitions.every((d) => d.conditions.length > 0)) {
    const complete =
      definitions.length > 1 && definitions.some((d) => d.conditions.every((c) => !c.holds));
    // `#ifndef Py_RETURN_NONE` around a definition of one's own: what Python's headers say.
    if (!complete) return PREDEFINED.get(name) ?? null;
  }
  if (definitions.every((d) => d.body === '')) return definitions;
  // Incomplete: of many conditional definitions the first ones are followed.
  return definitions.slice(0, 4);
}

/** A function of that name is called where no macro of that name is defined. */
function withFunction(
  lowering: Lowering,
  name: string,
  macros: readonly MacroDefinition[],
): readonly MacroDefinition[] {
  const [macro] = macros;
  if (macro === undefined || apiRow(name) !== undefined) return macros;
  if (!lowering.unit.declarations.functions.has(name)) return macros;
  const conditions = macros.map((definition) => definition.conditions.at(-1));
  const isAlways = conditions.some(
    (c) =>
      c === undefined ||
      conditions.some((other) => other?.text === c.text && other.holds !== c.holds),
  );
  return isAlways ? macros : [...macros, { ...macro, parameters: null, body: name }];
}

function lowerBodies(
  lowering: Lowering,
  node: SyntaxNode,
  name: string,
  definitions: readonly MacroDefinition[],
  bodies: readonly (string | null)[],
  boundTo: string,
): Temp | null {
  const expansions = bodies.map((body) => (body === null ? null : parseExpansion(lowering, body)));
  if (expansions.some((expansion) => expansion === null)) return null;
  lowering.expansionCount++;
  const [only] = expansions;
  if (expansions.length === 1) return inExpansion(lowering, node, name, only!, boundTo);
  // Several definitions: one branch for each, on the condition it is compiled under.
  const { build } = lowering;
  const result: Place = { kind: 'local', name: `?${build.newTemp()}` };
  const after = build.newBlock();
  expansions.forEach((expansion, i) => {
    // Incomplete: of nested conditions the innermost decides.
    const condition = definitions[i]!.conditions.at(-1);
    const next = build.newBlock();
    if (condition !== undefined && i + 1 < expansions.length) {
      const use = build.newBlock();
      branchOnPreprocessor(lowering, node, condition, use, next);
      build.start(use);
    }
    const value = inExpansion(lowering, node, name, expansion!, boundTo);
    add(lowering, node, { op: 'store', to: result, value, text: '' });
    build.goto(after);
    build.start(next);
  });
  build.goto(after);
  build.start(after);
  const to = build.newTemp();
  add(lowering, node, { op: 'load', to, from: result, text: '' });
  return to;
}

function inExpansion(
  lowering: Lowering,
  node: SyntaxNode,
  name: string,
  expansion: Expansion,
  boundTo: string,
): Temp {
  const outer = enterExpansion(lowering, node, name, expansion);
  const [first] = expansion.statements;
  const expression = first?.type === 'expression_statement' ? first.children[0] : undefined;
  let result: Temp;
  if (expansion.statements.length === 1 && expression !== undefined) {
    result = lowering.value(expression, boundTo);
  } else {
    lowering.statements(expansion.statements);
    result = opaque(lowering, node, null);
  }
  Object.assign(lowering, outer);
  return result;
}

type Context = Pick<Lowering, 'text' | 'expandedAt' | 'usedAt' | 'through' | 'openBody'>;

/** What differs between a text and the expansions in it. */
export function contextOf({ text, expandedAt, usedAt, through, openBody }: Lowering): Context {
  return { text, expandedAt, usedAt, through, openBody };
}

/** Gives what has to be assigned back afterwards. */
export function enterExpansion(
  lowering: Lowering,
  node: SyntaxNode,
  name: string,
  expansion: Expansion,
): Context {
  const outer = contextOf(lowering);
  if (outer.expandedAt === null) lowering.usedAt = lowering.start + node.start;
  lowering.expandedAt = spanOf(lowering, node);
  lowering.text = expansion.text;
  lowering.through = [...outer.through, name];
  lowering.openBody = null;
  return outer;
}

function parseExpansion(lowering: Lowering, written: string): Expansion | null {
  const { expansions, macros, parser } = lowering.unit;
  const body = parser.language === 'c' ? withOperators(written, macros) : written;
  const cached = expansions.get(body);
  if (cached !== undefined) return cached;
  const parsed = body.length > 20_000 ? null : parseStatements(body, (text) => parser.parse(text));
  expansions.set(body, parsed);
  return parsed;
}

function parseStatements(body: string, parse: (text: string) => SyntaxNode): Expansion | null {
  const text = `void macro(void){\n${withoutHalfBlocks(body)}\n;}`;
  const root = parse(normalize(text));
  const definition = root.children[0];
  const block = definition?.type === 'function_definition' ? child(definition, 'body') : undefined;
  if (block === undefined || root.children.length !== 1) return null;
  let broken = false;
  walk(block, (node) => {
    if (node.type === 'ERROR' || (node.missing && node.type !== ';')) broken = true;
    return !broken;
  });
  if (broken) return null;
  const statements = block.children.filter(
    (c) => c.type !== 'comment' && !(c.type === 'expression_statement' && c.children.length === 0),
  );
  // A macro that stands for a type is no expression.
  if (statements.some((s) => /_type$|type_identifier|_specifier$/.test(s.type))) return null;
  return { text, statements };
}

/**
 * `{ x = begin();` and `end(x); }`: a block that one macro opens and another one closes. The text between
 * them parses without it, so each half goes without its brace, and without the `do` before it.
 */
function withoutHalfBlocks(body: string): string {
  if (!/[{}]/.test(body)) return body;
  const bare = body.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, (text) =>
    ' '.repeat(text.length),
  );
  const open: number[] = [];
  const half: { readonly start: number; readonly end: number }[] = [];
  for (let i = 0; i < bare.length; i++) {
    if (bare[i] === '{') open.push(i);
    else if (bare[i] === '}' && open.pop() === undefined) half.push({ start: i, end: i + 1 });
  }
  for (const at of open) {
    const before = /(?:^|[;{}])(\s*(?:do\s*)?)$/.exec(bare.slice(0, at))?.[1];
    if (before !== undefined) half.push({ start: at - before.length, end: at + 1 });
  }
  if (half.length === 0) return body;
  let result = '';
  let copied = 0;
  for (const { start, end } of half.toSorted((a, b) => a.start - b.start)) {
    result += `${body.slice(copied, start)} `;
    copied = end;
  }
  return result + body.slice(copied);
}
