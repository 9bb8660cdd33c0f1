// A TOML document as plain values, with the line of each key. Knows nothing of what the keys mean.
import { type AST, getStaticTOMLValue, ParseError, parseTOML } from 'toml-eslint-parser';

export type Toml =
  | {
      readonly kind: 'parsed';
      readonly value: Readonly<Record<string, unknown>>;
      /** From 1; of the nearest table or value around it where the key itself is not written out. */
      lineOf(path: readonly Key[]): number;
    }
  | { readonly kind: 'broken'; readonly line: number; readonly reason: string };

export type Key = string | number;

export function readToml(text: string): Toml {
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { kind: 'broken', line: error.lineNumber, reason: error.message };
  }
  const lines = new Map<string, number>();
  const top = program.body[0];
  for (const node of top.body) {
    if (node.type === 'TOMLKeyValue') addPair(lines, [], node);
    else addTable(lines, node);
  }
  return {
    kind: 'parsed',
    value: { ...getStaticTOMLValue(program) },
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const line = lines.get(keyOf(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}

function addTable(lines: Map<string, number>, table: AST.TOMLTable): void {
  const path = table.resolvedKey;
  addAlong(lines, [], path, table.loc.start.line);
  for (const pair of table.body) addPair(lines, path, pair);
}

function addPair(
  lines: Map<string, number>,
  above: readonly Key[],
  { key, value }: AST.TOMLKeyValue,
): void {
  const names = key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value));
  addAlong(lines, above, names, key.loc.start.line);
  addValue(lines, [...above, ...names], value);
}

function addValue(
  lines: Map<string, number>,
  path: readonly Key[],
  value: AST.TOMLContentNode,
): void {
  if (value.type === 'TOMLInlineTable') {
    for (const pair of value.body) addPair(lines, path, pair);
  } else if (value.type === 'TOMLArray') {
    for (const [index, element] of value.elements.entries()) {
      set(lines, [...path, index], element.loc.start.line);
      addValue(lines, [...path, index], element);
    }
  }
}

/** A dotted key is a line for each of its tables. */
function addAlong(
  lines: Map<string, number>,
  above: readonly Key[],
  names: readonly Key[],
  line: number,
): void {
  for (let length = 1; length <= names.length; length++) {
    set(lines, [...above, ...names.slice(0, length)], line);
  }
}

function set(lines: Map<string, number>, path: readonly Key[], line: number): void {
  const key = keyOf(path);
  if (!lines.has(key)) lines.set(key, line);
}

function keyOf(path: readonly Key[]): string {
  return JSON.stringify(path.map(String));
}
