// The macros of a translation unit and their expansion as text. What an expansion does to memory is
// found by parsing and lowering it like any other code.
import { child, type SyntaxNode, walk } from '../syntax/node.ts';

/** The conditions under which a directive is compiled, outermost first. */
export interface PreprocessorCondition {
  /** As written, in one line: `defined(X)`, `PY_VERSION_HEX < 0x03090000 && !Y`. */
  readonly text: string;
  readonly holds: boolean;
}

export interface MacroDefinition {
  readonly name: string;
  /** null: object-like. */
  readonly parameters: readonly string[] | null;
  readonly variadic: boolean;
  readonly body: string;
  readonly conditions: readonly PreprocessorCondition[];
  readonly file: string;
  /** Offset of the definition in its file, UTF-16 units. */
  readonly offset: number;
  /** Offset of the #undef that ends it in its file; Infinity: none. */
  readonly until: number;
}

export interface MacroTable {
  get(name: string): readonly MacroDefinition[] | undefined;
}

/** The condition that a preproc_if, preproc_ifdef or preproc_elif node tests. */
export function conditionOf(node: SyntaxNode, text: string): PreprocessorCondition {
  if (node.type === 'preproc_ifdef' || node.type === 'preproc_elifdef') {
    const name = child(node, 'name');
    const directive = text.slice(node.start, node.start + 24).replace(/[\s#]/g, '');
    const written = name === undefined ? '' : text.slice(name.start, name.end);
    return {
      text: `defined(${written})`,
      holds: !/^(el)?ifndef/.test(directive),
    };
  }
  const condition = child(node, 'condition');
  const written = condition === undefined ? '' : text.slice(condition.start, condition.end);
  return { text: written.replace(/\s+/g, ' ').trim(), holds: true };
}

/** Every macro defined in a file, in the order of definition. `text` is normalized: no comments in macros. */
export function collectMacros(root: SyntaxNode, text: string, file: string): MacroDefinition[] {
  const macros: MacroDefinition[] = [];
  collect(root, text, file, [], macros);
  for (const match of text.matchAll(/^[ \t]*#[ \t]*undef[ \t]+(\w+)/gm)) {
    const isComment = text.lastIndexOf('/*', match.index) > text.lastIndexOf('*/', match.index);
    if (isComment) continue;
    macros.forEach((macro, i) => {
      const isEnded = macro.name === match[1] && macro.offset < match.index;
      if (isEnded && macro.until === Infinity) macros[i] = { ...macro, until: match.index };
    });
  }
  return macros;
}

function collect(
  node: SyntaxNode,
  text: string,
  file: string,
  conditions: readonly PreprocessorCondition[],
  macros: MacroDefinition[],
): void {
  for (const item of node.children) {
    switch (item.type) {
      case 'preproc_def':
      case 'preproc_function_def':
        macros.push(definition(item, text, file, conditions));
        break;
      case 'preproc_if':
      case 'preproc_ifdef':
      case 'preproc_elif':
      case 'preproc_elifdef': {
        const condition = conditionOf(item, text);
        const alternative = child(item, 'alternative');
        collect(
          { ...item, children: item.children.filter((c) => c !== alternative) },
          text,
          file,
          [...conditions, condition],
          macros,
        );
        if (alternative !== undefined) {
          const otherwise = [...conditions, { ...condition, holds: !condition.holds }];
          collect({ ...item, children: [alternative] }, text, file, otherwise, macros);
        }
        break;
      }
      case 'preproc_else':
      case 'linkage_specification':
      case 'declaration_list':
        collect(item, text, file, conditions, macros);
        break;
      case 'function_definition':
        walk(item, (inner) => {
          if (inner.type === 'preproc_def' || inner.type === 'preproc_function_def') {
            macros.push(definition(inner, text, file, conditions));
          }
          return undefined;
        });
        break;
      default:
        if (item.type === 'ERROR') collect(item, text, file, conditions, macros);
    }
  }
}

function definition(
  node: SyntaxNode,
  text: string,
  file: string,
  conditions: readonly PreprocessorCondition[],
): MacroDefinition {
  const slice = (n: SyntaxNode | undefined): string =>
    n === undefined ? '' : text.slice(n.start, n.end);
  const parameters = child(node, 'parameters');
  const names = parameters?.children.filter((c) => c.type === 'identifier').map(slice) ?? null;
  const variadic = parameters !== undefined && slice(parameters).includes('...');
  return {
    name: slice(child(node, 'name')),
    parameters: names,
    variadic,
    body: slice(child(node, 'value'))
      .replace(/\\\r?\n/g, ' ')
      .trim(),
    conditions,
    file,
    offset: node.start,
    until: Infinity,
  };
}

const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*|##|#|\d[\w.]*|\s+|[^\s\w]/g;

/**
 * The body with the arguments in place; null when the number of arguments does not fit. `expanded`
 * are the arguments for where nothing is pasted to them.
 */
export function expandBody(
  macro: MacroDefinition,
  args: readonly string[],
  expanded: readonly string[],
): string | null {
  if (macro.parameters === null) return macro.body;
  const fixed = macro.parameters.length;
  const given = args.length === 1 && args[0]!.trim() === '' && fixed === 0 ? [] : args;
  if (given.length < fixed || (given.length > fixed && !macro.variadic)) return null;
  const byName = (values: readonly string[]): Map<string, string> => {
    const map = new Map(macro.parameters!.map((name, i) => [name, values[i]!]));
    if (macro.variadic) map.set('__VA_ARGS__', values.slice(fixed).join(', '));
    return map;
  };
  const written = byName(given);
  const whole = byName(expanded);
  const tokens = macro.body.match(TOKEN) ?? [];
  const solid = tokens.map((token, i) => (token.trim() === '' ? -1 : i)).filter((i) => i >= 0);
  const pasted = new Set(
    solid.flatMap((index, n) =>
      tokens[index] === '##' ? [solid[n - 1] ?? -1, solid[n + 1] ?? -1] : [],
    ),
  );
  let result = '';
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const next = tokens[i + 1];
    if (token === '##') {
      result = result.trimEnd();
      while (tokens[i + 1]?.trim() === '') i++;
    } else if (token === '#' && next !== undefined && written.has(next)) {
      result += JSON.stringify(written.get(next));
      i++;
    } else {
      result += (pasted.has(i) ? written : whole).get(token) ?? token;
    }
  }
  return result;
}

/** The arguments of a macro call as written, split at the commas of the outermost level. */
export function splitArguments(list: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < list.length; i++) {
    const c = list[i]!;
    if (c === '"' || c === "'") {
      for (i++; i < list.length && list[i] !== c; i++) if (list[i] === '\\') i++;
    } else if (c === '(' || c === '[' || c === '{') depth++;
    else if (c === ')' || c === ']' || c === '}') depth--;
    else if (c === ',' && depth === 0) {
      parts.push(list.slice(start, i).trim());
      start = i + 1;
    }
  }
  parts.push(list.slice(start).trim());
  return parts;
}
