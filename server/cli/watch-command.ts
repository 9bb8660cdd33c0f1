// `check --watch`: checks again whenever a C file or a configuration file changes, until it is interrupted.
import { type FSWatcher, watch } from 'chokidar';
import type { Stats } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { CheckMemory } from '../check-memory.ts';
import { CONFIG_NAMES } from '../config/find-config.ts';
import { isC, NEVER_WALKED } from '../files/c-files.ts';
import { disk } from '../files/disk.ts';
import { reasonOf } from '../reason-of.ts';
import { type CheckOptions, tell } from './check-command.ts';
import { type Product, runCheck } from './check-run.ts';
import { UsageError } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** An editor writes a file in several steps. */
const QUIET_MS = 120;
/** Erases the screen and what was scrolled out of it. */
const CLEAR = '\u001B[2J\u001B[3J\u001B[H';

/** Until the process ends. Throws UsageError. */
export async function watchCommand(
  options: CheckOptions,
  product: Product,
  terminal: Terminal,
): Promise<never> {
  if (options.paths.includes('-')) throw new UsageError('standard input cannot be watched.');
  const roots = options.paths.map((path) => rootOf(resolve(terminal.cwd, path)));
  const memory = new CheckMemory();
  const watchers = roots.map(watchOnDisk);
  try {
    // A change during the first check is seen: whatever was read before is watched already.
    await Promise.all(watchers.map(isReady));
    return await checkOnChanges();
  } finally {
    for (const watcher of watchers) void watcher.close();
  }

  function checkOnChanges(): Promise<never> {
    return new Promise((_resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let running = round();
      running.catch(reject);
      const changed = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          running = running.then(again);
          running.catch(reject);
        }, QUIET_MS);
      };
      for (const watcher of watchers) {
        for (const event of ['add', 'change', 'unlink'] as const) watcher.on(event, changed);
        watcher.on('error', (error) => reject(cannotWatch(error)));
      }
    });
  }

  async function again(): Promise<void> {
    if (terminal.out.isTty) terminal.out.write(CLEAR);
    try {
      await round();
    } catch (error) {
      // A mistake in a configuration file can be mended while we watch.
      if (!(error instanceof UsageError)) throw error;
      terminal.err.write(`pymem-lint: ${terminal.err.colors.red('error')}: ${error.message}\n`);
    }
  }

  async function round(): Promise<void> {
    const run = await runCheck(options, product, terminal, new Map(), memory);
    tell(run, options, product, terminal);
    if (!options.isQuiet) {
      const seconds = run.seconds.toFixed(1);
      terminal.err.write(`Checked in ${seconds} s. Watching for changes; Ctrl+C ends.\n`);
    }
  }
}

interface Root {
  readonly folder: string;
  /** Folders below it that are watched, too. */
  readonly depth: number;
}

/** Of a file its folder: headers lie there, and it may be away for a moment. Throws UsageError. */
function rootOf(path: string): Root {
  const kind = disk.stat(path)?.kind;
  if (kind === undefined) {
    throw new UsageError(`'${path}' cannot be watched: name files and folders.`);
  }
  return kind === 'folder'
    ? { folder: path, depth: Number.MAX_SAFE_INTEGER }
    : { folder: dirname(path), depth: 0 };
}

function watchOnDisk({ folder, depth }: Root): FSWatcher {
  const ignored = (name: string, stats?: Stats): boolean =>
    name !== folder &&
    (NEVER_WALKED.has(basename(name)) || (stats?.isFile() === true && !isWatched(name)));
  return watch(folder, { depth, ignored, ignoreInitial: true });
}

/** Resolves when it sees every change from here on. Throws UsageError. */
function isReady(watcher: FSWatcher): Promise<void> {
  return new Promise((seen, reject) => {
    watcher.once('ready', seen);
    watcher.once('error', (error) => reject(cannotWatch(error)));
  });
}

function cannotWatch(error: unknown): UsageError {
  return new UsageError(`cannot watch: ${reasonOf(error)}`);
}

function isWatched(file: string): boolean {
  return isC(file) || CONFIG_NAMES.some((name) => name === basename(file));
}
