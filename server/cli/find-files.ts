// From what the user typed (files, folders, globs) to the sorted list of C and C++ files to check. Knows nothing of
// what is inside a file.
import { lstatSync, readdirSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, resolve, sep } from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import { byPath, cFilesBelow, displayPath, isC, NEVER_WALKED } from '../files/c-files.ts';
import { disk } from '../files/disk.ts';
import { isIgnored, layersAbove, withFolder, type IgnoreLayers } from '../files/gitignore.ts';
import type { Project } from '../config/project.ts';
import { UsageError } from './exit.ts';
import { didYouMean } from '../nearest-name.ts';

export interface FoundFiles {
  /** Absolute, sorted, each once. */
  readonly files: readonly string[];
  /** Complete sentences about what was left out. */
  readonly notes: readonly string[];
}

export interface Exclusion {
  readonly project: Pick<Project, 'isExcluded'>;
  /** Also of files that are named. */
  readonly forceExclude: boolean;
}

const NOTHING_EXCLUDED: Exclusion = { project: { isExcluded: () => false }, forceExclude: false };

/** Throws UsageError naming a path that does not exist. */
export function findFiles(
  paths: readonly string[],
  cwd: string,
  { project, forceExclude }: Exclusion = NOTHING_EXCLUDED,
): FoundFiles {
  const isWanted = (file: string): boolean => !project.isExcluded(file);
  const files = new Set<string>();
  const notes: string[] = [];
  for (const path of paths) {
    // A variable that is not set, say: not every file that there is.
    if (path === '') throw new UsageError("a path is empty; this folder is '.'");
    const absolute = resolve(cwd, path);
    const stats = statOrNull(absolute);
    if (stats === null) {
      for (const file of expandGlob(path, cwd).filter(isWanted)) files.add(file);
    } else if (stats.isDirectory()) {
      const found = cFilesBelow(disk, absolute);
      for (const { folder, code } of found.unread) {
        const name = displayPath(folder, cwd);
        notes.push(`${name}: skipped, the folder cannot be read (${code}).`);
      }
      for (const link of found.brokenLinks) {
        notes.push(`${displayPath(link, cwd)}: skipped, a link that leads nowhere.`);
      }
      if (found.files.length === 0) notes.push(`${path}: no C or C++ files in this folder.`);
      for (const file of found.files.filter(isWanted)) files.add(file);
    } else if (!stats.isFile()) {
      notes.push(`${path}: skipped, not a regular file.`);
    } else if (!forceExclude || isWanted(absolute)) {
      files.add(absolute);
    }
  }
  return { files: [...files].toSorted(byPath), notes };
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

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    // Not there, or no name that a file can have.
    return false;
  }
}

function expandGlob(pattern: string, cwd: string): string[] {
  if (isLink(resolve(cwd, pattern))) {
    throw new UsageError(`'${pattern}' is a link that leads nowhere.`);
  }
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
  if (files.length === 0) throw new UsageError(`'${pattern}' matches no C or C++ file.`);
  const layers = new Map<string, IgnoreLayers>();
  return files.filter((file) => {
    const folder = dirname(file);
    let above = layers.get(folder);
    if (above === undefined) {
      above = withFolder(disk, layersAbove(disk, folder, cwd), folder);
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
