// Full expansion of a piece of C as text, for what has to be known before anything is lowered: names
// that macros paste together, strings that they make. Conditions are not looked at: every definition
// of a macro gives a text of its own.
import { expandBody, type MacroDefinition, type MacroTable, splitArguments } from './macros.ts';

const MAX_DEPTH = 8;
/** Alternatives of one use; more are not followed. */
const MAX_TEXTS = 8;
/** Longer texts are not looked into. */
const MAX_LENGTH = 8_000;

/** What a use of the macro can become. `list`: its arguments as written, null for none. */
export function expandUse(name: string, list: string | null, macros: MacroTable): string[] {
  return texts(name, list, macros, []);
}

function texts(
  name: string,
  list: string | null,
  macros: MacroTable,
  hidden: readonly string[],
): string[] {
  if (hidden.includes(name) || hidden.length >= MAX_DEPTH) return [];
  const found = (macros.get(name) ?? []).slice(0, MAX_TEXTS).flatMap((definition) => {
    const body = bodyOf(definition, list, macros);
    return body === null ? [] : rescan(body, macros, [...hidden, name]);
  });
  return [...new Set(found)].slice(0, MAX_TEXTS);
}

function bodyOf(
  definition: MacroDefinition,
  list: string | null,
  macros: MacroTable,
): string | null {
  if (definition.parameters === null)
    return `${definition.body}${list === null ? '' : `(${list})`}`;
  if (list === null) return null;
  const args = splitArguments(list);
  return expandBody(definition, args, expandedArguments(args, macros));
}

/** Arguments that are object-like macros for a name, as they are where nothing is pasted to them. */
export function expandedArguments(args: readonly string[], macros: MacroTable): string[] {
  return args.map((argument) => {
    let current = argument;
    for (let hops = 0; hops < MAX_DEPTH && /^[A-Za-z_]\w*$/.test(current); hops++) {
      const [definition, ...others] = macros.get(current) ?? [];
      if (definition === undefined || others.length > 0 || definition.parameters !== null) break;
      if (!/^\w+$/.test(definition.body)) break;
      current = definition.body;
    }
    return current;
  });
}

/** Expands the macros in a text; alternatives of several macros in it are not combined with each other. */
function rescan(text: string, macros: MacroTable, hidden: readonly string[]): string[] {
  if (text.length > MAX_LENGTH) return [text];
  const parts: string[][] = [];
  let copied = 0;
  for (const { 0: name, index } of text.matchAll(/[A-Za-z_]\w*/g)) {
    if (index < copied || hidden.includes(name) || macros.get(name) === undefined) continue;
    const end = index + name.length;
    const list = argumentsAt(text, end);
    const expanded = texts(name, list?.inner ?? null, macros, hidden);
    if (expanded.length === 0) continue;
    parts.push([text.slice(copied, index)], expanded);
    copied = list?.end ?? end;
  }
  parts.push([text.slice(copied)]);
  const alternatives = Math.max(...parts.map((part) => part.length));
  return Array.from({ length: alternatives }, (_, i) =>
    parts.map((part) => part[Math.min(i, part.length - 1)]!).join(''),
  );
}

/** The text between the parentheses that follow; null: none. */
export function argumentsAt(text: string, from: number): { inner: string; end: number } | null {
  const open = /^\s*\(/.exec(text.slice(from, from + 80));
  if (open === null) return null;
  const start = from + open[0].length;
  let depth = 1;
  for (let i = start; i < text.length && i < start + 4_000; i++) {
    const c = text[i]!;
    if (c === '"' || c === "'") {
      for (i++; i < text.length && text[i] !== c; i++) if (text[i] === '\\') i++;
    } else if (c === '(') depth++;
    else if (c === ')' && --depth === 0) return { inner: text.slice(start, i), end: i + 1 };
  }
  return null;
}
