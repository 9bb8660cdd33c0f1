// The files of a workspace as the language server sees them: an interface, so that a server without a
// file system can do without.
import type { FileSettings } from '../config/project.ts';
import type { Settings } from '../settings.ts';

export interface WorkspaceFiles {
  /** URIs of the C sources and headers below `folderUri` that are to be checked, in a fixed order. Rejects when the folder cannot be read. */
  list(folderUri: string): Promise<readonly string[]>;
  /** The text of a file; rejects when it cannot be read or is not text. */
  read(uri: string): Promise<string>;
  /**
   * The settings of a file: what its configuration file says, `base` where that says nothing. Throws an
   * Error for a person when the configuration file has mistakes. Null, or absent: there are no such files.
   */
  settingsOf?(uri: string, base: Settings): FileSettings | null;
  /** Where the build files of its project say that a file's quoted includes are; absent: there are none. */
  includePaths?(): IncludePaths;
}

/** URIs of folders, for the URI of a file. What is on disk is looked at once. */
export type IncludePaths = (uri: string) => readonly string[];

/** Of which a watcher should tell. */
export const CONFIG_GLOB = '**/{pymem-lint,pyproject}.toml';

export function isConfig(uri: string): boolean {
  return /\/(?:pymem-lint|pyproject)\.toml$/.test(uri);
}
