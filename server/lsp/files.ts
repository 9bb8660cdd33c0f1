// The files of a workspace as the language server sees them: an interface, so that a server without a
// file system can do without.
import { CONFIG_NAMES } from '../config/find-config.ts';
import type { FileSettings } from '../config/project.ts';
import { BUILD_FILES } from '../files/include-paths.ts';
import type { Settings } from '../settings.ts';

export interface WorkspaceFiles {
  /** URIs of the C sources and headers below `folderUri` that are to be checked, in a fixed order. Rejects when the folder cannot be read. */
  list(folderUri: string): Promise<readonly string[]>;
  /** The text of a file; rejects when it cannot be read or is not text. */
  read(uri: string): Promise<string>;
  /**
   * The settings of a file: what its configuration file says, `base` where that says nothing. Rejects with
   * an Error for a person when the configuration file has mistakes. Null, or absent: there are no such files.
   * `targetsFrom` is a URI.
   */
  settingsOf?(uri: string, base: Settings): Promise<FileSettings | null>;
  /** Where the build files of its project say that a file's own includes are; absent: there are none. */
  includePaths?(): IncludePaths;
  /** The file was made, changed or deleted; null: any may have been. */
  forget?(uri: string | null): void;
}

/** URIs of folders, for the URI of a file. Never rejects. */
export type IncludePaths = (uri: string) => Promise<readonly string[]>;

/** What settings, search paths and the files to be checked depend on. */
const PROJECT_FILES = [...new Set([...CONFIG_NAMES, ...BUILD_FILES, '.gitignore', 'pyvenv.cfg'])];

/** Of which a watcher should tell. */
export const PROJECT_GLOB = `**/{${PROJECT_FILES.join(',')}}`;

export function isProjectFile(uri: string): boolean {
  return PROJECT_FILES.some((name) => uri.endsWith(`/${name}`));
}
