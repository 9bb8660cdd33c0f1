// What the files of one check know of each other: which headers a file includes, who shares a struct.
import type { ParsedFile } from './flow/unit.ts';
import { groupBy } from './group-by.ts';
import { isHeader } from './syntax/language.ts';
import type { Slot } from './flow/value.ts';

/** Gives the headers among `all` that a file includes, directly or not, in the order of inclusion. */
export function includeResolver(all: readonly ParsedFile[]): (file: ParsedFile) => ParsedFile[] {
  const byName = groupBy(all, (file) => baseName(file.source.file));
  const direct = new Map<ParsedFile, readonly ParsedFile[]>();
  const directOf = (file: ParsedFile): readonly ParsedFile[] => {
    const known = direct.get(file);
    if (known !== undefined) return known;
    const found = file.includes.flatMap(
      (name) => resolveInclude(file.source.file, name, byName.get(baseName(name)) ?? []) ?? [],
    );
    direct.set(file, found);
    return found;
  };
  return (file) => {
    const found = new Set<ParsedFile>();
    const visit = (from: ParsedFile): void => {
      for (const header of directOf(from)) {
        if (header === file || found.has(header)) continue;
        found.add(header);
        visit(header);
      }
    };
    visit(file);
    return [...found];
  };
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** The file whose path ends like the include; the nearest to the including file if there are several. */
function resolveInclude(
  from: string,
  name: string,
  sameName: readonly ParsedFile[],
): ParsedFile | null {
  const wanted = name.replace(/^(\.\.?\/)+/, '');
  const candidates = sameName.filter((f) => {
    const path = f.source.file.replaceAll('\\', '/');
    return path === wanted || path.endsWith(`/${wanted}`);
  });
  const shared = (path: string): number => {
    let i = 0;
    while (i < path.length && path[i] === from[i]) i++;
    return i;
  };
  return candidates.toSorted((a, b) => shared(b.source.file) - shared(a.source.file))[0] ?? null;
}

/**
 * Slots of the same name are one slot in the files that share the declaration of the struct: a header
 * of the check, else the file itself.
 */
export function slotScope(files: readonly ParsedFile[]): (slot: Slot, file: string) => string {
  const declaredIn = new Map<string, string[]>();
  for (const file of files) {
    if (!isHeader(file.source.file)) continue;
    for (const name of [...file.declarations.structs.keys(), ...file.declarations.aliases.keys()]) {
      declaredIn.set(name, [...(declaredIn.get(name) ?? []), file.source.file]);
    }
  }
  return (slot, file) => {
    // It names its file.
    if (slot.startsWith('type ')) return '';
    const struct = /^(?:struct|instances of) ([^.]+)(?:\.|$)/.exec(slot)?.[1];
    const headers = struct === undefined ? undefined : declaredIn.get(struct);
    return headers?.length === 1 ? headers[0]! : file;
  };
}
