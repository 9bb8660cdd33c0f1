// Makes the npm packages in node_modules those of package-lock.json, and does nothing when they are.
// Built-in modules only: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const OLDEST_NODE = [20, 19];

/** Throws when npm fails. */
export function installPackages() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new Error(`Node ${OLDEST_NODE.join('.')} or later is needed, this is ${process.version}`);
  }
  const difference = firstDifference();
  if (difference === null) return;
  console.log(`npm packages: ${difference}; installing`);
  const ci = npm('ci', ['ignore', 'pipe', 'pipe']);
  if (ci.status === 0) return;
  // `npm ci` also refuses a lockfile without the optional packages of other platforms, which is what a
  // registry without them leads to. `npm install` takes the versions of the lockfile all the same.
  if (!ci.stderr.includes('EUSAGE')) throw new Error(`npm ci failed:\n${ci.stderr}`);
  const install = npm('install', ['ignore', 'inherit', 'inherit'], '--no-save');
  if (install.status !== 0) throw new Error(`npm install ended with ${install.status}`);
}

/** Throws when npm cannot be started. */
function npm(command, stdio, ...options) {
  // No package here needs its install script: the parser and esbuild bring prebuilt binaries.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync('npm', [command, ...options, ...quiet], {
    cwd: root,
    stdio,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'development' },
    shell: process.platform === 'win32',
  });
  if (result.error) throw result.error;
  return result;
}

/** What npm has to do, in words; null: nothing. */
function firstDifference() {
  const installedFile = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return 'not installed';
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const installed = packagesOf(installedFile);
  for (const [place, { version, optional, devOptional, link }] of Object.entries(wanted)) {
    // The root itself; packages for other platforms; links inside the project.
    if (place === '' || link) continue;
    const there = installed[place];
    if (there === undefined && (optional || devOptional)) continue;
    if (there?.version !== version) return `${place} is not ${version}`;
  }
  return null;
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
