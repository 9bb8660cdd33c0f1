// The interpreters that pyenv installed on this machine.
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Target } from '../../simulator/target.ts';

const VERSIONS = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');

/** The folders of the programs of one version, `3.11`: one for each release of it. */
export function pyenvFolders(python: Target['python']): readonly string[] {
  const installed = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  return installed
    .filter((version) => version.startsWith(`${python}.`))
    .map((version) => join(VERSIONS, version, 'bin'));
}
