// The configuration file that holds for a folder: the nearest one at or above it. pymem-lint.toml comes
// before a pyproject.toml beside it, which counts only when it has a table of ours.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ConfigFile, readConfig, requiredPython } from './read-config.ts';

export const CONFIG_NAMES = ['pymem-lint.toml', 'pyproject.toml'] as const;

/** How a message names a file. */
export type ShowPath = (path: string) => string;

/** null: there is none. */
export type FindConfig = (folder: string) => ConfigFile | null;

/** Each folder is looked at once. Throws ConfigError. */
export function configFinder(show: ShowPath): FindConfig {
  const known = new Map<string, ConfigFile | null>();
  const find: FindConfig = (folder) => {
    const found = known.get(folder);
    if (found !== undefined) return found;
    const parent = dirname(folder);
    const nearest = configIn(folder, show) ?? (parent === folder ? null : find(parent));
    known.set(folder, nearest);
    return nearest;
  };
  return find;
}

function configIn(folder: string, show: ShowPath): ConfigFile | null {
  for (const name of CONFIG_NAMES) {
    const path = join(folder, name);
    const text = textOf(path);
    const config = text === null ? null : readConfig(path, text, show(path));
    if (config !== null) return withRequirement(config, folder);
  }
  return null;
}

/** A file that was named. Throws ConfigError, and what reading it throws. */
export function configAt(path: string, show: ShowPath): ConfigFile {
  const config = readConfig(path, readFileSync(path, 'utf8'), show(path));
  const empty: ConfigFile = { path, config: {}, requiresPython: null };
  return withRequirement(config ?? empty, dirname(path));
}

/** What the project requires of Python stands in pyproject.toml, wherever its configuration is. */
function withRequirement(file: ConfigFile, folder: string): ConfigFile {
  if (file.requiresPython !== null) return file;
  const text = textOf(join(folder, 'pyproject.toml'));
  return text === null ? file : { ...file, requiresPython: requiredPython(text) };
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there, a folder, or not to be read: as if it were not there.
    return null;
  }
}
