// What a function may call through macros, as names: the bodies of macros are searched, and what they paste
// together is expanded. Knows nothing of what the names stand for but the table's.
import { apiRow } from '../knowledge/row.ts';
import { argumentsAt, expandUse } from '../preprocess/expand.ts';
import { components } from './components.ts';
import type { FunctionDefinition } from './functions.ts';
import type { Unit } from '../cfg/context.ts';

/** Names that the expansions of one macro in one function are searched for. */
const MAX_PASTED = 400;

/** The wanted names that a definition mentions, and those that the bodies of mentioned macros lead to. */
export function macroMentions(
  { macros }: Unit,
  isWanted: (name: string) => boolean,
): (definition: Pick<FunctionDefinition, 'mentions' | 'text'>) => ReadonlySet<string> {
  const reached = new Map<string, ReadonlySet<string>>();
  const pasting = new Set<string>();
  const namesIn = (macro: string): string[] =>
    (macros.get(macro) ?? []).flatMap(({ body }) => body.match(/[A-Za-z_]\w*/g) ?? []);
  // What the table knows is not looked into.
  const innerOf = (macro: string): string[] =>
    reached.has(macro)
      ? []
      : namesIn(macro).filter(
          (name) => !isWanted(name) && macros.get(name) !== undefined && apiRow(name) === undefined,
        );
  const reach = (macro: string): ReadonlySet<string> => {
    // Chains of macros may be longer than the stack is deep, and circular.
    for (const circle of components([macro], innerOf)) {
      if (reached.has(circle[0]!)) continue;
      const inner = circle.flatMap(innerOf);
      const names = new Set(circle.flatMap(namesIn).filter(isWanted));
      for (const name of inner) for (const further of reached.get(name) ?? []) names.add(further);
      const isPasting =
        inner.some((name) => pasting.has(name)) ||
        circle.some((name) => (macros.get(name) ?? []).some(({ body }) => body.includes('##')));
      for (const name of circle) {
        if (isPasting) pasting.add(name);
        reached.set(name, names);
      }
    }
    return reached.get(macro)!;
  };
  return ({ mentions, text }) => {
    const all = new Set<string>();
    for (const name of mentions) {
      if (isWanted(name)) all.add(name);
      for (const inner of reach(name)) all.add(inner);
      if (!pasting.has(name)) continue;
      for (const pasted of pastedNames(name, text, macros)) {
        if (isWanted(pasted)) all.add(pasted);
      }
    }
    return all;
  };
}

/** The names in the expansions of a macro's uses; what it pastes together stands in no text. */
function pastedNames(macro: string, text: string, macros: Unit['macros']): Set<string> {
  const names = new Set<string>();
  for (const { index } of text.matchAll(new RegExp(`\\b${macro}\\b`, 'g'))) {
    if (names.size > MAX_PASTED) break;
    const list = argumentsAt(text, index + macro.length);
    for (const expanded of expandUse(macro, list?.inner ?? null, macros)) {
      for (const [name] of expanded.matchAll(/[A-Za-z_]\w*/g)) names.add(name);
    }
  }
  return names;
}
