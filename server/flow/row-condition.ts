// Whether the condition under which a row of the table holds is met by the values of a call's arguments.
import type { Value } from './value.ts';

/** Surely met: `arg0 == NULL` for a literal, `arg0 & FLAG` where names are joined by `|`. */
export function isMet(condition: string, args: readonly Value[]): boolean {
  const empty = /^arg(\d+) == NULL$/.exec(condition);
  if (empty !== null) {
    const value = args[Number(empty[1])];
    return value?.kind === 'int' && value.value === 0;
  }
  const flag = /^arg(\d+) & (\w+)$/.exec(condition);
  const given = flag === null ? null : namesIn(args[Number(flag[1])]);
  return given?.includes(flag![2]!) ?? false;
}

/** `A | B`, by the names of the values; null: something else. */
function namesIn(value: Value | undefined): readonly string[] | null {
  if (value?.kind !== 'ref' || !/^[('\w)|]+$/.test(value.id)) return null;
  return Array.from(value.id.matchAll(/'(\w+)'/g), ([, name]) => name!);
}
