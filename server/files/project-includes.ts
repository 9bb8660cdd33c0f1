// The search paths of a file, from the build files that are found in its project: those in the folders above
// it, nearest first, and those that they go on with. Bounded; reads nothing but build files, and never fails.
import path from 'node:path';
import { type BuildFile, NO_BUILD_FILE } from './build-file.ts';
import type { FileTree } from './file-tree.ts';
import {
  BUILD_FILES,
  type BuildFileName,
  foldersFor,
  placed,
  type PlacedSet,
  readBuildFile,
} from './include-paths.ts';

/** Folders above a file that are looked into. */
const MAX_LEVELS = 16;
/** Folders with build files, in one project. */
const MAX_FOLDERS = 200;
/** Search paths of one file. */
const MAX_PATHS = 64;
/** Bytes of a build file; a compilation database has an entry for each file. */
const MAX_SIZE = 256 * 1024;
const MAX_DATABASE = 32 * 1024 * 1024;
/** Where a build leaves its database, below a folder of the project. */
const DATABASE_FOLDERS = ['.', 'build', 'builddir', '_build', 'out'] as const;
const ROOT_MARKS = ['.git', '.hg', '.svn'] as const;

export interface ProjectIncludes {
  /** Absolute folders that exist, in the order of the search. `file` is absolute and need not exist. */
  of(file: string): readonly string[];
  /** Build files that say nothing because of a mistake, by path: the reason, for a person. */
  broken(): ReadonlyMap<string, string>;
}

/**
 * What is in the tree is looked at once for each folder; for later changes make another. `mayRead`: which
 * build files may be looked at.
 */
export function projectIncludes(
  tree: FileTree,
  mayRead: (path: string) => boolean = () => true,
): ProjectIncludes {
  const broken = new Map<string, string>();
  const setsOf = new Map<string, readonly PlacedSet[]>();
  const byFolders = new Map<string, readonly string[]>();
  return {
    of(file) {
      const folder = path.dirname(file);
      const sets = setsOf.get(folder) ?? setsFor(tree, folder, mayRead, broken);
      setsOf.set(folder, sets);
      const folders = foldersFor(file, sets).slice(0, MAX_PATHS);
      const key = folders.join('\n');
      // Files with the same search paths share one list.
      const same = byFolders.get(key) ?? folders;
      byFolders.set(key, same);
      return same;
    },
    broken: () => broken,
  };
}

function setsFor(
  tree: FileTree,
  folder: string,
  mayRead: (path: string) => boolean,
  broken: Map<string, string>,
): readonly PlacedSet[] {
  const above = foldersAbove(tree, folder);
  const root = above.at(-1);
  if (root === undefined) return [];
  const isFile = (file: string): boolean => tree.stat(file)?.kind === 'file';
  const isFolder = (file: string): boolean => tree.stat(file)?.kind === 'folder';
  const isInProject = isInside(tree, root);
  return BUILD_FILES.flatMap((name) => {
    const own = above.filter((each) => pathsOf(each, name).some(isFile));
    const top = own.at(-1) ?? root;
    const seen = new Set<string>();
    const sets: PlacedSet[] = [];
    const pending = [...own];
    for (let each = pending.shift(); each !== undefined; each = pending.shift()) {
      if (seen.has(each) || seen.size === MAX_FOLDERS) continue;
      seen.add(each);
      for (const file of pathsOf(each, name).filter(mayRead)) {
        const { sets: found, subfolders, broken: reason } = buildFileAt(tree, file, name, top);
        if (reason !== null) broken.set(file, reason);
        pending.push(...subfolders.map((sub) => path.resolve(each, sub)).filter(isInProject));
        const isAllowed = name === 'compile_commands.json' ? () => true : isInProject;
        for (const set of found) {
          const place = placed(set, path.dirname(file));
          sets.push({
            ...place,
            folders: place.folders.filter((f) => isFolder(f) && isAllowed(f)),
          });
        }
      }
    }
    return sets;
  });
}

function pathsOf(folder: string, name: BuildFileName): string[] {
  if (name !== 'compile_commands.json') return [path.join(folder, name)];
  return DATABASE_FOLDERS.map((below) => path.join(folder, below, name));
}

/** From the folder of a file to the root of its project; empty: it is in none. */
function foldersAbove(tree: FileTree, folder: string): string[] {
  const found: string[] = [];
  const shared: ReadonlySet<string> = new Set(tree.sharedFolders);
  const isFile = (file: string): boolean => tree.stat(file)?.kind === 'file';
  let outermost = 0;
  for (let each = folder; found.length < MAX_LEVELS && !shared.has(each); ) {
    const parent = path.dirname(each);
    if (parent === each) break;
    found.push(each);
    if (ROOT_MARKS.some((mark) => tree.stat(path.join(each, mark)) !== null)) return found;
    if (BUILD_FILES.some((name) => pathsOf(each, name).some(isFile))) outermost = found.length;
    each = parent;
  }
  // Without version control the project is as large as its build files say.
  return found.slice(0, outermost);
}

interface Known {
  readonly stamp: string;
  readonly file: BuildFile;
}

/** What was read before and has not changed since; a language server asks at each edit. */
const known = new Map<string, Known>();
const MAX_KNOWN = 500;

function buildFileAt(tree: FileTree, file: string, name: BuildFileName, top: string): BuildFile {
  try {
    const stat = tree.stat(file);
    if (stat?.kind !== 'file') return NO_BUILD_FILE;
    const limit = name === 'compile_commands.json' ? MAX_DATABASE : MAX_SIZE;
    if (stat.size > limit) return { ...NO_BUILD_FILE, broken: `larger than ${limit / 1024} KB` };
    const stamp = `${stat.stamp} ${top}`;
    const before = known.get(file);
    if (before?.stamp === stamp) return before.file;
    const folder = path.dirname(file);
    const read = readBuildFile(name, tree.readText(file), { folder, top });
    if (known.size === MAX_KNOWN) known.clear();
    known.set(file, { stamp, file: read });
    return read;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { ...NO_BUILD_FILE, broken: `cannot be read (${code})` };
  }
}

/** Links are followed: what a link in the project leads to is outside if its target is. */
function isInside(tree: FileTree, root: string): (folder: string) => boolean {
  const real = tree.realPath(root);
  return (folder) => {
    try {
      const inside = path.relative(real, tree.realPath(folder));
      return inside !== '..' && !inside.startsWith(`..${path.sep}`) && !path.isAbsolute(inside);
    } catch {
      return false;
    }
  };
}
