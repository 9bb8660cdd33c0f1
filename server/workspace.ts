// What the files of one check know of each other: which headers a file includes, who shares a struct.
import { baseName } from '../simulator/place-text.ts';
import { CallGraph } from './flow/call-graph.ts';
import { isTypeSlot } from './flow/type-table.ts';
import { type ParsedFile, unitOf } from './flow/unit.ts';
import { groupBy } from './group-by.ts';
import { isHeader } from './syntax/language.ts';
import type { Parser } from './syntax/parser.ts';
import type { Slot } from './flow/value.ts';

/**
 * Gives the headers among `all` that a file includes, directly or not, in the order of inclusion. It does not
 * depend on the order of `all`. `searchPaths`: of a file, by its name; they hold for what it includes, too.
 */
function includeResolver(
  all: readonly ParsedFile[],
  searchPaths: (file: string) => readonly string[] = () => [],
): (file: ParsedFile) => ParsedFile[] {
  const byPath = new Map(all.map((file) => [pathOf(file.source.file), file]));
  const byName = groupBy(all, (file) => baseName(file.source.file));
  /** By the search paths, then by the file. */
  const known = new Map<string, Map<ParsedFile, readonly ParsedFile[]>>();
  const directOf = (file: ParsedFile, folders: readonly string[], key: string) => {
    const same = known.get(key) ?? new Map<ParsedFile, readonly ParsedFile[]>();
    known.set(key, same);
    const found =
      same.get(file) ??
      file.includes.flatMap(({ name, isAngled }) => {
        const from = pathOf(file.source.file);
        const searched = isAngled ? folders : [folderOf(from), ...folders];
        const exact = searched
          .map((folder) => byPath.get(joined(folder, name)))
          .find((header) => header !== undefined);
        if (exact !== undefined) return exact;
        const [best, ...others] = endingLike(from, name, byName.get(baseName(name)) ?? []);
        // What is looked for elsewhere first may be a header that is not in view.
        return best === undefined || (isAngled && others.length > 0) ? [] : best;
      });
    same.set(file, found);
    return found;
  };
  return (file) => {
    const folders = searchPaths(file.source.file).map(pathOf);
    const key = folders.join('\n');
    const found = new Set<ParsedFile>();
    const visit = (from: ParsedFile): void => {
      for (const header of directOf(from, folders, key)) {
        if (header === file || found.has(header)) continue;
        found.add(header);
        visit(header);
      }
    };
    visit(file);
    return [...found];
  };
}

/** The functions of the files, each with the headers that its file includes. */
export function callGraphOf(
  all: readonly ParsedFile[],
  parser: Parser,
  searchPaths?: (file: string) => readonly string[],
): CallGraph {
  const headersOf = includeResolver(all, searchPaths);
  return new CallGraph(
    all.map((file) => {
      const headers = headersOf(file);
      return { file, headers, unit: unitOf(file, headers, parser) };
    }),
  );
}

/** Names that mean the same file are the same: URIs are decoded, `\` is `/`. */
function pathOf(file: string): string {
  if (!file.includes('://')) return file.replaceAll('\\', '/');
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** Without `.` and, where there is a folder to leave, `..`. */
function joined(folder: string, name: string): string {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of name.split(/[\\/]/)) {
    const last = parts.at(-1);
    if (part === '..' && last !== undefined && last !== '' && last !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** The files whose paths end like the include, the nearest to the including file first. */
function endingLike(
  from: string,
  name: string,
  sameName: readonly ParsedFile[],
): readonly ParsedFile[] {
  const wanted = name.replaceAll('\\', '/').replace(/^(\.\.?\/)+/, '');
  const folders = from.split('/').slice(0, -1);
  const candidates = sameName.flatMap((file) => {
    const path = pathOf(file.source.file);
    if (path !== wanted && !path.endsWith(`/${wanted}`)) return [];
    const parts = path.split('/').slice(0, -1);
    const apart = parts.findIndex((part, index) => part !== folders[index]);
    const shared = apart < 0 ? parts.length : apart;
    return [{ file, path, shared, below: parts.length - shared }];
  });
  return candidates
    .toSorted((a, b) => b.shared - a.shared || a.below - b.below || (a.path < b.path ? -1 : 1))
    .map(({ file }) => file);
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
    if (isTypeSlot(slot)) return '';
    const struct = /^(?:struct|instances of) ([^.]+)(?:\.|$)/.exec(slot)?.[1];
    const headers = struct === undefined ? undefined : declaredIn.get(struct);
    return headers?.length === 1 ? headers[0]! : file;
  };
}
