// The names that a piece of C text leads to: those in it, and in the macros that it names.
import type { MacroTable } from '../preprocess/macros.ts';

export function namesIn(text: string, macros: MacroTable): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (part: string): void => {
    for (const [name] of part.matchAll(/[A-Za-z_]\w*/g)) names.add(name);
  };
  add(text);
  // It grows meanwhile.
  for (const name of names) for (const { body } of macros.get(name) ?? []) add(body);
  return names;
}
