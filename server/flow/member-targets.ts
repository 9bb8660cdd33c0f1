// Which function a member of a struct holds, where every store to it in the program gives it the same one.
// What an initializer list says is about its struct; of a plain store the text does not tell the struct.
import { canonicalStruct } from '../cfg/declarations.ts';
import { isHeader } from '../syntax/language.ts';
import type { GraphFile } from './call-graph.ts';
import { handlesMemory } from './functions.ts';
import { functionNamed } from './pointer-facts.ts';

/** What one store gives a member of that name. */
export interface MemberTarget {
  readonly member: string;
  /** null: of any struct. */
  readonly struct: string | null;
  /** null: something else than a function in view, or than one of the table. */
  readonly function: string | null;
}

/** The stores of a program to members that some store gives a function that handles memory. */
export function memberTargets(
  files: readonly GraphFile[],
  isCallable: (name: string) => boolean,
): readonly MemberTarget[] {
  const given = (text: string): string | null => {
    const name = functionNamed(text);
    return name !== null && isCallable(name) ? name : null;
  };
  const listed = files.flatMap((each) =>
    each.file.pointers.lists.flatMap(({ type, items }) => {
      const struct = canonicalStruct(type, each.unit.declarations);
      const members = [...(each.unit.declarations.structs.get(struct ?? '')?.keys() ?? [])];
      return items.flatMap(({ member, text }, i) => {
        const name = member ?? members[i];
        if (name === undefined || isNull(text)) return [];
        return [{ member: name, struct, function: given(text) }];
      });
    }),
  );
  const names = new Set([
    ...files.flatMap(({ file }) => file.pointers.members),
    ...listed.flatMap((t) => (t.function !== null && handlesMemory(t.function) ? [t.member] : [])),
    ...files.flatMap(ownMembers),
  ]);
  if (names.size === 0) return [];
  const targets = new Map<string, MemberTarget>();
  const add = (target: MemberTarget): void => {
    if (names.has(target.member)) targets.set(JSON.stringify(target), target);
  };
  for (const target of listed) add(target);
  const store = new RegExp(
    String.raw`(&[^;,(){}=]*)?(?:->|\.)\s*(${[...names].join('|')})\b\s*(?:=(?!=)\s*([^;,}]*)|(?=[,)]))?`,
    'g',
  );
  for (const { file } of files) {
    const { lists } = file.pointers;
    const tables = new Set(file.pointers.tables.map(({ name }) => name));
    for (const match of file.source.text.matchAll(store)) {
      const [, address, member, stored] = match;
      if (address === undefined && stored === undefined) continue;
      if (stored !== undefined && isNull(stored.trim())) continue;
      // A member of another struct, as a table is no function.
      if (tables.has(functionNamed(stored?.trim() ?? '') ?? '')) continue;
      if (lists.some(({ start, end }) => match.index > start && match.index < end)) continue;
      const value = stored === undefined ? null : given(stored.trim());
      add({ member: member!, struct: null, function: value });
    }
    // Lists of a type that is not in view may fill any member, but those of the API's types.
    for (const table of file.pointers.tables) {
      if (table.type.startsWith('Py')) continue;
      if (table.isArray || table.items.every(({ member }) => member !== null)) continue;
      if (file.declarations.structs.has(table.type) || isKnown(table.type, files)) continue;
      for (const member of names) add({ member, struct: null, function: null });
    }
  }
  return [...targets.values()];
}

/**
 * Members of tables of the file's own struct, which no other file fills, that hold functions of the file that handle
 * memory: `static const struct allocator ours = { our_alloc, our_free };`
 */
function ownMembers({ file }: GraphFile): string[] {
  const { source, pointers, functions, declarations } = file;
  if (isHeader(source.file)) return [];
  const own = pointers.lists.filter(({ type }) => declarations.structs.has(type));
  if (own.length === 0) return [];
  const handlers = new Set(
    functions.flatMap(({ name, mentions }) => ([...mentions].some(handlesMemory) ? [name] : [])),
  );
  return own.flatMap(({ type, items }) => {
    const members = [...(declarations.structs.get(type)?.keys() ?? [])];
    return items.flatMap(({ member, text }, i) => {
      const name = member ?? members[i];
      return name !== undefined && handlers.has(functionNamed(text) ?? '') ? [name] : [];
    });
  });
}

/** The one function that the member of the struct always holds; null: not known. */
export function targetOf(
  targets: readonly MemberTarget[] | undefined,
  struct: string,
): string | null {
  const about = targets?.filter((t) => t.struct === null || t.struct === struct) ?? [];
  const [first] = about;
  return first !== undefined && about.every((t) => t.function === first.function)
    ? first.function
    : null;
}

function isNull(text: string): boolean {
  return text === 'NULL' || text === '0';
}

function isKnown(type: string, files: readonly GraphFile[]): boolean {
  return files.some(
    ({ unit: { declarations } }) =>
      declarations.structs.get(canonicalStruct(type, declarations) ?? '') !== undefined,
  );
}
