// Which functions may store to a member or a variable, as their text tells.
import type { MacroTable } from '../preprocess/macros.ts';
import type { FunctionNode } from './call-graph.ts';

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

/** Of each unit: the macros that make a member of an argument, `#define CLEAR(o, m) free((o)->m)`. */
const SELECTING = new WeakMap<MacroTable, Map<string, boolean>>();

function selects(macros: MacroTable, name: string): boolean {
  const known = SELECTING.get(macros) ?? new Map<string, boolean>();
  SELECTING.set(macros, known);
  let answer = known.get(name);
  if (answer === undefined) {
    // Macros that call each other end here.
    known.set(name, false);
    answer = (macros.get(name) ?? []).some(({ parameters, body }) => {
      if (parameters === null || parameters.length === 0) return false;
      if (new RegExp(`(?:\\.|->|##)\\s*(?:${parameters.join('|')})\\b`).test(body)) return true;
      const called = body.match(/[A-Za-z_]\w*(?=\s*\()/g) ?? [];
      return called.some((other) => selects(macros, other));
    });
    known.set(name, answer);
  }
  return answer;
}
