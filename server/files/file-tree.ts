// Files and folders as the project's own files are looked at (build files, configuration, .gitignore): on
// disk, or as far as a client has told of them. Synchronous; C sources are read elsewhere.

export interface FileTree {
  /** Links are followed. null: not there, or not to be looked at. */
  stat(path: string): FileStat | null;
  /** UTF-8. Throws an Error, with a `code` where there is one, when it cannot be read. */
  readText(path: string): string;
  /** In no particular order. Throws like `readText`. */
  list(folder: string): readonly FolderEntry[];
  /** Without links. Throws like `readText`. */
  realPath(path: string): string;
  /** Folders that hold many projects and are none: the user's home, the temporary folder. */
  readonly sharedFolders: readonly string[];
}

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'other';
  /** Bytes; 0 where that is not known. */
  readonly size: number;
  /** Changes with the content. */
  readonly stamp: string;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}
