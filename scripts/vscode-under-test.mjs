// Puts a real VS Code that needs no display on this machine, for test/vscode: code-server with a Node of its own,
// from the npm registry, and a chromium to show it in. Shared by all checkouts, outside of them; a second call reuses it.
//   node scripts/vscode-under-test.mjs          installs what is missing
//   node scripts/vscode-under-test.mjs --check  only says whether it could
// stdout: one line of JSON, {"node", "codeServer", "chromium"}. stderr: what is going on.
// Exit 3: this machine cannot have it, and the last line on stderr says why. Exit 1: the installation failed.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CODE_SERVER = '4.139.1'; // VS Code 1.139
const NODE = '24.21.0'; // the major that this code-server asks for
const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** This machine lacks something that the script cannot bring. */
class CannotRun extends Error {}

const say = (line) => console.error(`vscode-under-test: ${line}`);

try {
  if (process.platform !== 'linux') throw new CannotRun(`needs Linux, this is ${process.platform}`);
  const found = findChromium();
  if (!found) requireInstaller();
  if (!process.argv.includes('--check')) {
    const chromium = found ?? (await installChromium());
    const vscode = await installCodeServer();
    console.log(JSON.stringify({ ...vscode, chromium }));
  }
} catch (error) {
  say(error.message);
  process.exitCode = error instanceof CannotRun ? 3 : 1;
}

function findChromium() {
  const named = process.env.CHROMIUM;
  if (named) {
    if (fs.existsSync(named)) return named;
    throw new CannotRun(`CHROMIUM names ${named}, which does not exist`);
  }
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/bin'];
  return folders
    .flatMap((folder) => CHROMIUM_NAMES.map((name) => path.join(folder, name)))
    .find(isExecutable);
}

function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

function requireInstaller() {
  const advice = 'no chromium: install it (apt-get install chromium) or set CHROMIUM to its path';
  if (process.getuid() !== 0 || !isExecutable('/usr/bin/apt-get')) throw new CannotRun(advice);
}

async function installChromium() {
  say("installing Debian's chromium");
  // The option waits for another dpkg; what it does not cover (the lists' lock) is tried again.
  const install = ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'];
  await attempt(5, () => aptGet('update').then(() => aptGet(...install)));
  const chromium = findChromium();
  if (!chromium)
    throw new Error('apt-get installed chromium, but there is no chromium on the PATH');
  return chromium;
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return run('apt-get', ['-o', 'DPkg::Lock::Timeout=600', '-q', ...args], { env });
}

/** code-server and its Node, complete or not at all: they are renamed into place when all is there. */
async function installCodeServer() {
  const cache = path.join(
    process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'),
    'pymem-lint',
  );
  const place = path.join(cache, `vscode-${CODE_SERVER}-node-${NODE}`);
  const modules = path.join(place, 'node_modules');
  const arch = `node-linux-${process.arch}`;
  const installed = {
    node: path.join(modules, arch, 'bin', 'node'),
    codeServer: path.join(modules, 'code-server'),
  };
  if (fs.existsSync(place)) {
    say(`reusing ${place}`);
    return installed;
  }
  fs.mkdirSync(cache, { recursive: true });
  const unlock = await lock(`${place}.lock`);
  try {
    if (fs.existsSync(place)) {
      say(`reusing ${place}, which another run has just installed`);
      return installed;
    }
    const started = Date.now();
    say(`installing code-server ${CODE_SERVER} into ${place} (about 800 MB, some minutes)`);
    removeLeftovers(cache, place);
    const draft = `${place}.draft-${process.pid}`;
    fs.mkdirSync(draft, { recursive: true });
    await fill(draft, arch);
    try {
      fs.renameSync(draft, place);
    } catch (error) {
      if (!fs.existsSync(place)) throw error; // else someone was faster, and theirs is as good
      fs.rmSync(draft, { recursive: true, force: true });
    }
    say(`installed in ${Math.round((Date.now() - started) / 1000)} s`);
    return installed;
  } finally {
    unlock();
  }
}

/** Installs into an empty folder. No package's install script runs. */
async function fill(folder, arch) {
  fs.writeFileSync(
    path.join(folder, 'package.json'),
    '{"name":"vscode-under-test","private":true}',
  );
  const install = [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--engine-strict=false',
    '--loglevel=error',
  ];
  await npm(folder, [...install, `${arch}@${NODE}`, `code-server@${CODE_SERVER}`]);
  // The dependencies of VS Code itself, for which code-server has an install script.
  const vscode = path.join(folder, 'node_modules/code-server/lib/vscode');
  await npm(vscode, [...install, '--omit=dev']);

  const node = path.join(folder, 'node_modules', arch);
  const version = execFileSync(path.join(node, 'bin/node'), ['--version'], {
    encoding: 'utf8',
  }).trim();
  if (version !== `v${NODE}`) throw new Error(`${arch} is ${version}, expected v${NODE}`);
  // Only log files and the Output view need this one; it must be compiled.
  const env = { PATH: `${path.join(node, 'bin')}:${process.env.PATH}`, npm_config_nodedir: node };
  await npm(vscode, ['rebuild', '@vscode/spdlog', '--loglevel=error'], env).catch(() =>
    say('no C++ compiler for @vscode/spdlog: this VS Code writes no log files'),
  );
}

/** npm in a folder, as if no other npm had started this script. */
function npm(folder, args, extra = {}) {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (
      /^npm_(package|lifecycle|command|execpath|node_execpath)|^npm_config_(local_prefix|workspace)|^(INIT_CWD|NODE_OPTIONS)$/.test(
        name,
      )
    )
      delete env[name];
  }
  return run('npm', args, { cwd: folder, env: { ...env, NODE_ENV: '', ...extra } });
}

/** Removes what installations that were killed half-way have left; what their npm still writes stays for the next time. */
function removeLeftovers(cache, place) {
  const prefix = `${path.basename(place)}.draft-`;
  for (const name of fs.readdirSync(cache).filter((entry) => entry.startsWith(prefix))) {
    const owner = Number(name.slice(prefix.length));
    if (owner !== process.pid && isAlive(owner)) continue;
    try {
      fs.rmSync(path.join(cache, name), { recursive: true, force: true, maxRetries: 5 });
    } catch (error) {
      say(`could not remove ${name}: ${error.code}`);
    }
  }
}

/** Waits until no living process holds the lock; the file holds its owner's process id. Returns the release. */
async function lock(file) {
  for (let announced = false; ; await sleep(500)) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      const release = () => fs.rmSync(file, { force: true });
      process.once('exit', release);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
        process.once(signal, () => process.exit(1));
      return release;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    // Two that take over a dead owner's lock at once both install, each in a folder of its own.
    if (isAbandoned(file)) fs.rmSync(file, { force: true });
    else if (!announced) say('another run is installing; waiting for it');
    announced = true;
  }
}

function isAbandoned(file) {
  try {
    const owner = Number(fs.readFileSync(file, 'utf8'));
    const age = Date.now() - fs.statSync(file).mtimeMs;
    return owner > 0 ? !isAlive(owner) : age > 10_000; // an empty one is just being written
  } catch {
    return false; // just released
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function attempt(times, action) {
  for (let left = times; ; left--) {
    try {
      return await action();
    } catch (error) {
      if (left === 1) throw error;
      say(`${error.message.split('\n')[0]}; trying again`);
      await sleep(10_000);
    }
  }
}

/** Runs a program; its output is shown only when it fails. */
function run(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output.slice(-4000)}`),
        );
    });
  });
}
