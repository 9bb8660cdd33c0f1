// `pymem-lint baseline`: takes what is found for known, or drops what is no longer found.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { displayPath } from '../files/c-files.ts';
import { baselineText, compare, entriesOf, readBaseline } from './baseline.ts';
import { writeNotes } from './check-command.ts';
import { configuredBaseline, type Product, runCheck, type RunOptions } from './check-run.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { count } from './formats/full.ts';
import type { Terminal } from './terminal.ts';
import { writeFileOrFail } from './user-files.ts';

export const DEFAULT_BASELINE = 'pymem-lint-baseline.json';

export interface BaselineOptions extends Omit<RunOptions, 'baseline'> {
  /** null: the one that the configuration names, or DEFAULT_BASELINE. */
  readonly file: string | null;
  /** Only drop entries. */
  readonly prune: boolean;
}

export async function baselineCommand(
  options: BaselineOptions,
  product: Product,
  terminal: Terminal,
): Promise<ExitCode> {
  const { cwd } = terminal;
  const { file, prune } = options;
  const run = await runCheck({ ...options, baseline: false }, product, terminal);
  const named = file === null ? configuredBaseline(run.project, cwd) : resolve(cwd, file);
  const path = named ?? resolve(cwd, DEFAULT_BASELINE);
  const shown = displayPath(path, cwd);
  writeNotes(run.notes, terminal);
  const before = existsSync(path) ? readBaseline(path, shown) : [];
  if (prune && !existsSync(path)) throw new UsageError(`there is no baseline '${shown}' to prune.`);
  const names = run.analysis.files.map(({ file: name }) => name);
  const { fresh, stale } = compare(run.marked, before, names, path, cwd);
  const gone = new Set(stale);
  const kept = before.filter((entry) => !gone.has(entry));
  const isFresh = new Set(fresh);
  const added = prune ? [] : run.marked.filter(({ finding }) => isFresh.has(finding));
  writeFileOrFail(path, baselineText([...kept, ...entriesOf(added, path, cwd)]), cwd);
  const total = count(kept.length + added.length, 'known finding');
  terminal.out.write(`${shown}: ${total}, ${added.length} added, ${stale.length} removed.\n`);
  if (named === null || file !== null) {
    terminal.out.write(
      `To heed it: pymem-lint check --baseline ${shown}, or baseline = "${shown}" in the configuration.\n`,
    );
  }
  return EXIT.clean;
}
