// The file tree of this machine's disk.
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import type { FileTree, FolderEntry } from './file-tree.ts';
import { LARGEST_FILE, readBytes } from './read-bytes.ts';

export const disk: FileTree = {
  stat: (path) => {
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return null;
      const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
      return { kind, size: stats.size, stamp: `${stats.mtimeMs} ${stats.size}` };
    } catch {
      return null;
    }
  },

  readText: (path) => new TextDecoder().decode(readBytes(path, LARGEST_FILE)),

  list: (folder) =>
    readdirSync(folder, { withFileTypes: true }).map((entry): FolderEntry => {
      const { name } = entry;
      if (entry.isSymbolicLink()) return { name, kind: 'link' };
      return { name, kind: entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other' };
    }),

  realPath: (path) => realpathSync(path),

  get sharedFolders() {
    return [homedir(), tmpdir()];
  },
};
