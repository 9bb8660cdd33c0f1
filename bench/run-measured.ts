// Runs a program and measures it: time on the clock, of the processor, and the most memory of any of its processes
// (GNU time; without it only the clock).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Measured {
  /** What it wrote to both outputs. */
  readonly output: string;
  readonly seconds: number;
  /** null: not known. */
  readonly cpuSeconds: number | null;
  readonly megabytes: number | null;
}

const TIME = '/usr/bin/time';
/** An hour: cppcheck takes minutes for some files of tables. */
const LIMIT_MS = 3_600_000;

/** A text: why there is nothing to tell. */
export function runMeasured(command: readonly string[]): Measured | string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-bench-'));
  try {
    const times = path.join(folder, 'times');
    const hasTime = spawnSync(TIME, ['-o', times, '-f', '%U %S %M', 'true']).status === 0;
    const all = hasTime ? [TIME, '-o', times, '-f', '%U %S %M', ...command] : command;
    const started = performance.now();
    const [program = '', ...args] = all;
    const { error, status, stdout, stderr } = spawnSync(program, args, {
      encoding: 'utf8',
      maxBuffer: 1024 * 1024 * 1024,
      timeout: LIMIT_MS,
    });
    if (error !== undefined) return error.message;
    if (status !== 0) return `it ended with ${status}: ${stderr.slice(0, 200)}`;
    const seconds = (performance.now() - started) / 1000;
    // It writes a line of its own where the program fails.
    const last = hasTime ? readFileSync(times, 'utf8').trim().split('\n').at(-1) : undefined;
    const [user, system, kilobytes] = last === undefined ? [] : last.split(' ').map(Number);
    return {
      output: `${stdout}\n${stderr}`,
      seconds,
      cpuSeconds: user === undefined || system === undefined ? null : user + system,
      megabytes: kilobytes === undefined ? null : kilobytes / 1024,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
