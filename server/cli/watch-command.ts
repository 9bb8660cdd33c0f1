// `check --watch`: checks again whenever a C file or a configuration file changes, until it is interrupted.
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { CheckMemory } from '../check-memory.ts';
import { CONFIG_NAMES } from '../config/find-config.ts';
import { isC } from '../files/c-files.ts';
import { type CheckOptions, exitCode, tell } from './check-command.ts';
import { type Product, runCheck } from './check-run.ts';
import { type ExitCode, UsageError } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Calls `changed` after each change below the paths; resolves when there is nothing more to watch. */
export type Watch = (paths: readonly string[], changed: (file: string) => void) => Promise<void>;

/** An editor writes a file in several steps. */
const QUIET_MS = 120;
/** Erases the screen and what was scrolled out of it. */
const CLEAR = '\u001B[2J\u001B[3J\u001B[H';

/** The exit code of the last check. */
export async function watchCommand(
  options: CheckOptions,
  product: Product,
  terminal: Terminal,
  watchFiles: Watch = watchOnDisk,
): Promise<ExitCode> {
  if (options.paths.includes('-')) throw new UsageError('standard input cannot be watched.');
  const memory = new CheckMemory();
  let last: ExitCode = await round();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = Promise.resolve();
  const paths = options.paths.map((path) => resolve(terminal.cwd, path));
  await watchFiles(paths, (file) => {
    if (!isC(file) && !CONFIG_NAMES.some((name) => name === basename(file))) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(again);
    }, QUIET_MS);
  });
  await running;
  return last;

  async function again(): Promise<void> {
    if (terminal.out.isTty) terminal.out.write(CLEAR);
    try {
      last = await round();
    } catch (error) {
      // A mistake in a configuration file can be mended while we watch.
      if (!(error instanceof UsageError)) throw error;
      terminal.err.write(`pymem-lint: ${terminal.err.colors.red('error')}: ${error.message}\n`);
    }
  }

  async function round(): Promise<ExitCode> {
    const run = await runCheck(options, product, terminal, new Map(), memory);
    tell(run, options, product, terminal);
    if (!options.isQuiet) {
      const seconds = run.seconds.toFixed(1);
      terminal.err.write(`Checked in ${seconds} s. Watching for changes; Ctrl+C ends.\n`);
    }
    return exitCode(run, options);
  }
}

/** Until the process ends. */
function watchOnDisk(paths: readonly string[], changed: (file: string) => void): Promise<void> {
  const watchers = paths.map((path): FSWatcher => {
    const onChange = (name: string | null): void => changed(resolve(folderOf(path), name ?? path));
    try {
      return watch(path, { recursive: true }, (_event, name) => onChange(name));
    } catch (error) {
      throw new UsageError(`cannot watch '${path}': ${String(error)}`);
    }
  });
  return new Promise((_resolve, reject) => {
    for (const watcher of watchers) {
      watcher.on('error', (error) => reject(new UsageError(`cannot watch: ${error.message}`)));
    }
  });
}

/** A name that a watcher tells is below the folder that it watches. */
function folderOf(path: string): string {
  return isC(path) ? dirname(path) : path;
}
