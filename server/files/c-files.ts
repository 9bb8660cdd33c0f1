// The C and C++ files below a folder, the same for the command line and the editor: links are not followed,
// .gitignore is honored, other people's code is left out. Knows nothing of what is inside a file.
import { isAbsolute, join, relative, sep } from 'node:path';
import type { FileTree } from './file-tree.ts';
import { isCxxFileName } from '../syntax/language.ts';
import { isIgnored, layersAbove, withFolder, type IgnoreLayers } from './gitignore.ts';

/** Folders that hold other people's code, whatever .gitignore says. */
export const NEVER_WALKED = new Set(['node_modules', '.git', '.hg', '.svn']);
/** In every virtual environment, whose headers are Python's own. */
const ENVIRONMENT_MARK = 'pyvenv.cfg';

export interface FolderFiles {
  /** Absolute, sorted. */
  readonly files: readonly string[];
  readonly unread: readonly UnreadFolder[];
  /** Links that lead to nothing; absolute. */
  readonly brokenLinks: readonly string[];
}

export interface UnreadFolder {
  readonly folder: string;
  /** The error's code: `EACCES`. */
  readonly code: string;
}

/** A folder that was named is walked even when the folders above ignore it. */
export function cFilesBelow(tree: FileTree, root: string): FolderFiles {
  const above = layersAbove(tree, root, null);
  const search: Search = { tree, root, unread: [], brokenLinks: [] };
  const files = walk(root, isIgnored(above, root, true) ? [] : above, search);
  const { unread, brokenLinks } = search;
  return { files: files.toSorted(byPath), unread, brokenLinks: brokenLinks.toSorted(byPath) };
}

export function isC(path: string): boolean {
  return /\.[ch]$/i.test(path) || isCxxFileName(path);
}

/** Folder by folder, by code units: the same on every machine. */
export function byPath(left: string, right: string): number {
  const [a, b] = [left.split(sep), right.split(sep)];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [x, y] = [a[index] ?? '', b[index] ?? ''];
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

/** A path as messages show it: relative when inside `cwd`, with forward slashes. */
export function displayPath(path: string, cwd: string): string {
  const inside = relative(cwd, path);
  const outside = inside.startsWith('..') || isAbsolute(inside);
  return (outside ? path : inside).split(sep).join('/');
}

interface Search {
  readonly tree: FileTree;
  readonly root: string;
  readonly unread: UnreadFolder[];
  readonly brokenLinks: string[];
}

function walk(folder: string, above: IgnoreLayers, search: Search): string[] {
  let entries;
  try {
    entries = search.tree.list(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    search.unread.push({ folder, code });
    return [];
  }
  if (folder !== search.root && entries.some(({ name }) => name === ENVIRONMENT_MARK)) return [];
  const layers = withFolder(search.tree, above, folder);
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.kind === 'folder') {
      if (NEVER_WALKED.has(entry.name) || isIgnored(layers, path, true)) continue;
      files.push(...walk(path, layers, search));
    } else if (isC(path) && !isIgnored(layers, path, false)) {
      // A link to a file counts as the file; a link to a folder, a socket or a pipe does not.
      const kind = entry.kind === 'link' ? search.tree.stat(path)?.kind : entry.kind;
      if (kind === 'file') files.push(path);
      else if (kind === undefined) search.brokenLinks.push(path);
    }
  }
  return files;
}
