// `check --show-settings` and `check --show-files`: what a check would work with, without checking.
import { resolve } from 'node:path';
import { displayPath } from '../files/c-files.ts';
import type { RuleDocs } from '../rules/rule.ts';
import { isSelected } from '../settings.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { findFiles } from './find-files.ts';
import { loadProject, type ProjectOptions } from './load-project.ts';
import type { Terminal } from './terminal.ts';

export interface SettingsOptions extends ProjectOptions {
  readonly paths: readonly string[];
  readonly forceExclude: boolean;
  readonly show: 'settings' | 'files';
}

export function settingsCommand(
  options: SettingsOptions,
  rules: readonly RuleDocs[],
  terminal: Terminal,
): ExitCode {
  const { cwd, out } = terminal;
  const project = loadProject(options, rules, cwd);
  const onDisk = options.paths.filter((path) => path !== '-');
  const { files } = findFiles(onDisk, cwd, { project, forceExclude: options.forceExclude });
  if (options.show === 'files') {
    out.write(files.map((file) => `${displayPath(file, cwd)}\n`).join(''));
    return EXIT.clean;
  }
  const path = files[0] ?? resolve(cwd, 'any.c');
  const { from, targetsFrom, functions, ...settings } = project.settingsOf(path);
  const shown = {
    file: files[0] === undefined ? null : displayPath(path, cwd),
    'configuration file': from === null ? null : displayPath(from, cwd),
    rules: rules.filter((rule) => isSelected(rule, settings)).map(({ id }) => id),
    ...settings,
    targetsFrom: targetsFrom === null ? null : displayPath(targetsFrom, cwd),
    functions: functions.map(({ name }) => name),
  };
  out.write(
    Object.entries(shown)
      .map(([key, value]) => `${kebab(key)} = ${JSON.stringify(value)}\n`)
      .join(''),
  );
  return EXIT.clean;
}

function kebab(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
