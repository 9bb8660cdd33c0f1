// The files of a workspace as the language server sees them: an interface, so that a server without a
// file system can do without.
export interface WorkspaceFiles {
  /** URIs of the C sources and headers below `folderUri` that are to be checked, in a fixed order. Rejects when the folder cannot be read. */
  list(folderUri: string): Promise<readonly string[]>;
  /** The text of a file; rejects when it cannot be read or is not text. */
  read(uri: string): Promise<string>;
}
