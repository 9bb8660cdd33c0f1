// The project that a command works on: its configuration files, and what the command line says instead.
// A mistake in a file is the user's, and ends the command.
import { resolve } from 'node:path';
import { ConfigError, type ConfigFile } from '../config/read-config.ts';
import { configAt, configFinder, type FindConfig } from '../config/find-config.ts';
import { createProject, type Project } from '../config/project.ts';
import { displayPath } from '../files/c-files.ts';
import { disk } from '../files/disk.ts';
import type { Confidence } from '../finding.ts';
import type { RuleDocs } from '../rules/rule.ts';
import { reasonOf } from '../reason-of.ts';
import { RULE_GROUPS } from '../settings.ts';
import { UsageError } from './exit.ts';
import { unknownRule } from './known-rule.ts';

/** The options of the command line about files and rules; null, empty: not given. */
export interface ProjectOptions {
  /** Read no configuration file; null: nor is there a --isolated that asks for that. */
  readonly isolated: boolean | null;
  /** The only one to read; null: the nearest of each file. */
  readonly config: string | null;
  /** Rule ids and groups. */
  readonly select: readonly string[];
  readonly ignore: readonly string[];
  readonly minConfidence: Confidence | null;
  /** Check generated code, too. */
  readonly generated: boolean | null;
  readonly exclude: readonly string[];
}

export const NO_PROJECT_OPTIONS: ProjectOptions = {
  isolated: null,
  config: null,
  select: [],
  ignore: [],
  minConfidence: null,
  generated: null,
  exclude: [],
};

/** Throws UsageError for a name that is no rule, and for a configuration file with mistakes. */
export function loadProject(
  options: ProjectOptions,
  rules: readonly RuleDocs[],
  cwd: string,
): Project {
  const ids = rules.map((rule) => rule.id);
  for (const name of options.select) mustBeKnown(name, [...ids, ...RULE_GROUPS]);
  for (const name of options.ignore) mustBeKnown(name, ids);
  if (options.isolated === true && options.config !== null) {
    throw new UsageError('--isolated reads no file: leave --config out.');
  }
  const project = createProject(usersFault(finder(options, cwd), options), { ...options, cwd });
  // A broken file is told of before anything is checked.
  project.configOf(resolve(cwd, 'any'));
  return project;
}

function mustBeKnown(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw unknownRule(name, known);
}

function finder({ isolated, config }: ProjectOptions, cwd: string): FindConfig {
  if (isolated === true) return () => null;
  const show = (path: string): string => displayPath(path, cwd);
  if (config === null) return configFinder(disk, show);
  let file: ConfigFile | null = null;
  return () => (file ??= readNamed(config));

  function readNamed(name: string): ConfigFile {
    try {
      return configAt(disk, resolve(cwd, name), show);
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      const reason = reasonOf(error);
      throw new UsageError(`cannot read the configuration file '${name}': ${reason}`);
    }
  }
}

function usersFault(find: FindConfig, { isolated }: ProjectOptions): FindConfig {
  return (folder) => {
    try {
      return find(folder);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const problems = error.problems.join('\n  ');
      const instead = isolated === null ? '.' : '; --isolated checks without configuration files.';
      throw new UsageError(`${problems}\n  Mend it${instead}`);
    }
  };
}
