// Which functions may store to a member or a variable, as their text tells.
import type { MacroTable } from '../preprocess/macros.ts';
import type { FunctionNode } from './call-graph.ts';

/** Macros that call macros: deeper, they are taken for what selects a member. */
const MAX_DEPTH = 4;

/** `names`: `.data` is a member. Members are also named by their name alone: in methods, and for macros that select. */
export function mentionOf(names: ReadonlySet<string>): (node: FunctionNode) => boolean {
  const members = [...names].filter(isMember).map((name) => name.slice(1));
  const variables = [...names].filter((name) => !isMember(name));
  const variable = wordOf('\\b', variables);
  const word = wordOf('\\b', members);
  const selection = wordOf('(?:\\.|->|::)\\s*', members);
  return ({ file, unit, definition: { text, mentions } }) => {
    if (variable?.test(text) === true || selection?.test(text) === true) return true;
    if (word?.test(text) !== true) return false;
    return file.language === 'c++' || [...mentions].some((name) => selects(unit.macros, name));
  };
}

function isMember(name: string): boolean {
  return name.startsWith('.');
}

/** null: there are no names. */
function wordOf(before: string, names: readonly string[]): RegExp | null {
  return names.length === 0 ? null : new RegExp(`${before}(?:${names.join('|')})\\b`);
}

/** Whether the name is that of a macro that makes a member of an argument: `#define CLEAR(o, m) free((o)->m)`. */
function selects(macros: MacroTable, name: string, depth = 0): boolean {
  if (depth > MAX_DEPTH) return true;
  return (macros.get(name) ?? []).some(({ parameters, body }) => {
    if (parameters === null || parameters.length === 0) return false;
    if (new RegExp(`(?:\\.|->|##)\\s*(?:${parameters.join('|')})\\b`).test(body)) return true;
    return (body.match(/[A-Za-z_]\w*(?=\s*\()/g) ?? []).some(
      (called) => called !== name && selects(macros, called, depth + 1),
    );
  });
}
