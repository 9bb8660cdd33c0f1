// Runs the built command line as a user does. Builds it first when a source is newer.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');
const CLI = path.join(ROOT, 'dist', 'cli.cjs');

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export function cli(args: readonly string[], options: CliOptions = {}): CliResult {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [CLI, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    input: options.input ?? '',
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** Throws what the build prints when it fails. */
export function buildCli(): void {
  if (existsSync(CLI) && statSync(CLI).mtimeMs > newestSource()) return;
  const build = path.join(ROOT, 'scripts', 'build.mjs');
  const { status, stderr } = spawnSync(process.execPath, [build], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed:\n${stderr}`);
}

function newestSource(): number {
  const folders = ['server', 'simulator', 'client'];
  const times = folders.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => statSync(path.join(ROOT, folder, name)).mtimeMs,
    ),
  );
  return Math.max(...times);
}
