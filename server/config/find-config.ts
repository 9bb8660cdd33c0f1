// The configuration file that holds for a folder: the nearest one at or above it. pymem-lint.toml comes
// before a pyproject.toml beside it. One without a table of ours says no more than which Pythons it is for.
import { dirname, join } from 'node:path';
import type { FileTree } from '../files/file-tree.ts';
import { reasonOf } from '../reason-of.ts';
import {
  ConfigError,
  type ConfigFile,
  readConfig,
  requiredPython,
  type Requirement,
} from './read-config.ts';

export const CONFIG_NAMES = ['pymem-lint.toml', 'pyproject.toml'] as const;

/** Where a virtual environment of a project usually is. */
const ENVIRONMENTS = ['.venv', 'venv'] as const;

/** How a message names a file. */
export type ShowPath = (path: string) => string;

/** null: there is none. */
export type FindConfig = (folder: string) => ConfigFile | null;

/** Each folder is looked at once. Throws ConfigError. */
export function configFinder(tree: FileTree, show: ShowPath): FindConfig {
  const config = nearest((folder) => configIn(tree, folder, show));
  const requirement = nearest((folder) => requirementIn(tree, folder));
  return (folder) => withRequirement(config(folder), requirement(folder));
}

/** A file that was named. Throws ConfigError, and what reading it throws. */
export function configAt(tree: FileTree, path: string, show: ShowPath): ConfigFile {
  const file = readConfig(path, tree.readText(path), show(path)) ?? empty(path);
  const requirement = nearest((folder) => requirementIn(tree, folder));
  return withRequirement(file, requirement(dirname(path)));
}

/** What the nearest folder at or above has. */
function nearest<T>(lookIn: (folder: string) => T | null): (folder: string) => T | null {
  const known = new Map<string, T | null>();
  const find = (folder: string): T | null => {
    const found = known.get(folder);
    if (found !== undefined) return found;
    const parent = dirname(folder);
    const own = lookIn(folder) ?? (parent === folder ? null : find(parent));
    known.set(folder, own);
    return own;
  };
  return find;
}

function configIn(tree: FileTree, folder: string, show: ShowPath): ConfigFile | null {
  for (const name of CONFIG_NAMES) {
    const path = join(folder, name);
    const text = textOf(tree, path, show);
    const file = text === null ? null : readConfig(path, text, show(path));
    if (file !== null) return file;
  }
  return null;
}

/** It stands in pyproject.toml, wherever the configuration is; otherwise the virtual environment beside it says. */
function requirementIn(tree: FileTree, folder: string): Requirement | null {
  const sources = [
    { name: 'pyproject.toml', read: requiredPython },
    ...ENVIRONMENTS.map((name) => ({ name: join(name, 'pyvenv.cfg'), read: environmentPython })),
  ];
  for (const { name, read } of sources) {
    const path = join(folder, name);
    const text = textOf(tree, path);
    const specifier = text === null ? null : read(text);
    if (specifier !== null) return { specifier, path };
  }
  return null;
}

/** As venv (`version`) and virtualenv (`version_info`) write it. */
function environmentPython(text: string): string | null {
  const version = /^version(?:_info)?\s*=\s*(\d+\.\d+)/m.exec(text)?.[1];
  return version === undefined ? null : `==${version}.*`;
}

function withRequirement<File extends ConfigFile | null>(
  file: File,
  requirement: Requirement | null,
): File | ConfigFile {
  return requirement === null ? file : { ...(file ?? empty(requirement.path)), requirement };
}

function empty(path: string): ConfigFile {
  return { path, config: {}, rows: [], requirement: null };
}

/** Why a file that is there is not read. */
const CLOSED: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EIO']);

/** null: not there, or no file. `show`: that one which is there cannot be read is told, as a ConfigError. */
function textOf(tree: FileTree, path: string, show: ShowPath | null = null): string | null {
  // Nobody named it: a pipe would never end.
  if (tree.stat(path)?.kind !== 'file') return null;
  try {
    return tree.readText(path);
  } catch (error) {
    const isClosed = error instanceof Error && 'code' in error && CLOSED.has(error.code);
    if (show !== null && isClosed) {
      throw new ConfigError([`${show(path)} cannot be read: ${reasonOf(error)}.`]);
    }
    return null;
  }
}
