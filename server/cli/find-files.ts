// From what the user typed (files, folders, globs) to the sorted list of C files to check. Folders are
// walked without following links, honoring .gitignore. Knows nothing of what is inside a file.
import { readdirSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import { UsageError } from './exit.ts';
import { isIgnored, layersAbove, withFolder, type IgnoreLayers } from './gitignore.ts';
import { didYouMean } from './nearest-name.ts';

const C_EXTENSIONS = new Set(['.c', '.h']);
const CXX_EXTENSIONS = new Set(['.cc', '.cpp', '.cxx', '.c++', '.hh', '.hpp', '.hxx', '.h++']);
const NEVER_WALKED = new Set(['node_modules', '.git', '.hg', '.svn']);

export interface FoundFiles {
  /** Absolute, sorted, each once. */
  readonly files: readonly string[];
  /** Complete sentences about what was left out. */
  readonly notes: readonly string[];
}

/** Throws UsageError naming a path that does not exist. */
export function findFiles(paths: readonly string[], cwd: string): FoundFiles {
  const files = new Set<string>();
  const notes: string[] = [];
  for (const path of paths) {
    const absolute = resolve(cwd, path);
    const stats = statOrNull(absolute);
    if (stats === null) {
      for (const file of expandGlob(path, cwd)) files.add(file);
    } else if (stats.isDirectory()) {
      const found = walkRoot(absolute, notes, cwd);
      if (found.length === 0) notes.push(`${path}: no C files (.c, .h) in this folder.`);
      for (const file of found) files.add(file);
    } else if (!stats.isFile()) {
      notes.push(`${path}: skipped, not a regular file.`);
    } else if (CXX_EXTENSIONS.has(extname(path).toLowerCase())) {
      notes.push(`${path}: skipped, C++ is not supported.`);
    } else {
      files.add(absolute);
    }
  }
  return { files: [...files].toSorted(byPath), notes };
}

/** A path as messages show it: relative when inside `cwd`, with forward slashes. */
export function displayPath(path: string, cwd: string): string {
  const inside = relative(cwd, path);
  const outside = inside.startsWith('..') || isAbsolute(inside);
  return (outside ? path : inside).split(sep).join('/');
}

/** Folder by folder, by code units: the same on every machine. */
function byPath(left: string, right: string): number {
  const [a, b] = [left.split(sep), right.split(sep)];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [x, y] = [a[index] ?? '', b[index] ?? ''];
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

function statOrNull(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    throw new UsageError(`cannot look at '${path}': ${String(code)}`);
  }
}

function expandGlob(pattern: string, cwd: string): string[] {
  if (!isDynamicPattern(pattern)) {
    throw new UsageError(`'${pattern}' does not exist.${didYouMean(...neighbors(pattern, cwd))}`);
  }
  const matches = globSync(sep === '\\' ? pattern.replaceAll('\\', '/') : pattern, {
    cwd,
    absolute: true,
    expandDirectories: false,
    followSymbolicLinks: false,
    ignore: [...NEVER_WALKED].map((folder) => `**/${folder}/**`),
  });
  const files = matches.map((match) => resolve(match)).filter(isC);
  if (files.length === 0) throw new UsageError(`'${pattern}' matches no C file (.c, .h).`);
  const layers = new Map<string, IgnoreLayers>();
  return files.filter((file) => {
    const folder = dirname(file);
    let above = layers.get(folder);
    if (above === undefined) {
      above = withFolder(layersAbove(folder, cwd), folder);
      layers.set(folder, above);
    }
    return !isIgnored(above, file, false);
  });
}

/** The missing path and what stands beside it in the deepest folder that exists. */
function neighbors(path: string, cwd: string): [string, readonly string[]] {
  const folder = dirname(resolve(cwd, path));
  try {
    const prefix = dirname(path) === '.' && !path.startsWith('.') ? '' : `${dirname(path)}/`;
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
    return [`${prefix}${basename(path)}`, names.map((name) => `${prefix}${name}`)];
  } catch {
    return [path, []];
  }
}

/** A folder that was named is walked even when the folders above ignore it. */
function walkRoot(root: string, notes: string[], cwd: string): string[] {
  const above = layersAbove(root, null);
  return walk(root, isIgnored(above, root, true) ? [] : above, notes, cwd);
}

function walk(folder: string, above: IgnoreLayers, notes: string[], cwd: string): string[] {
  const layers = withFolder(above, folder);
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    notes.push(`${displayPath(folder, cwd)}: skipped, the folder cannot be read (${code}).`);
    return [];
  }
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (NEVER_WALKED.has(entry.name) || isIgnored(layers, path, true)) continue;
      files.push(...walk(path, layers, notes, cwd));
    } else if (isC(path) && !isIgnored(layers, path, false)) {
      // A link to a file counts as the file; a link to a folder, a socket or a pipe does not.
      if (entry.isFile() || (entry.isSymbolicLink() && statOrNull(path)?.isFile() === true)) {
        files.push(path);
      }
    }
  }
  return files;
}

function isC(path: string): boolean {
  return C_EXTENSIONS.has(extname(path).toLowerCase());
}
