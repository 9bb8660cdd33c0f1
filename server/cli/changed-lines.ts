// Which findings are on lines that are new since a commit, as git sees it: what `check --diff-base` looks at.
import { parsePatch } from 'diff';
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Span } from '../../simulator/flagged-path.ts';
import type { Finding } from '../finding.ts';
import { UsageError } from './exit.ts';

/** A finding is new when its place or a step of its path is, or when it is outside of the repository. */
export type IsNew = (finding: Finding) => boolean;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Since the point where the current branch left `base`. Throws UsageError for no commit, and without git. */
export function newSince(base: string, cwd: string): IsNew {
  const root = realpathSync(git(cwd, ['rev-parse', '--show-toplevel']).trim());
  const commit = resolveCommit(base, cwd);
  const from = mergeBase(commit, cwd);
  const changed = new Map<string, readonly Range[]>();
  const diff = git(root, [
    '-c',
    'core.quotePath=false',
    'diff',
    '--unified=0',
    '--no-color',
    '--no-ext-diff',
    '--find-renames',
    '--src-prefix=a/',
    '--dst-prefix=b/',
    from,
    '--',
  ]);
  for (const [file, ranges] of changedLines(diff)) changed.set(resolve(root, file), ranges);
  const untracked = git(root, ['ls-files', '--others', '--exclude-standard', '-z']);
  for (const file of untracked.split('\0').filter((name) => name !== '')) {
    changed.set(resolve(root, file), [{ from: 1, to: Number.MAX_SAFE_INTEGER }]);
  }
  const paths = new Map<string, string>();
  const pathOf = (file: string): string => {
    const path = paths.get(file) ?? realPath(resolve(cwd, file));
    paths.set(file, path);
    return path;
  };
  const isChanged = ({ file, line, endLine }: Span): boolean =>
    (changed.get(pathOf(file)) ?? []).some((range) => line <= range.to && endLine >= range.from);
  return ({ at, path }) =>
    !pathOf(at.file).startsWith(root + sep) ||
    isChanged(at) ||
    path.some((step) => isChanged(step.at));
}

/** Through links to folders: as git names files. */
function realPath(path: string): string {
  const folder = dirname(path);
  try {
    return join(realpathSync(folder), basename(path));
  } catch {
    return path;
  }
}

/** By file, from a diff without context. */
export function changedLines(diff: string): Map<string, Range[]> {
  const changed = new Map<string, Range[]>();
  for (const { newFileName = '', hunks } of parsePatch(diff)) {
    const ranges = hunks.map(({ newStart, newLines }) => {
      // Lines that were only removed change the code around them.
      const from = newLines === 0 ? newStart - 1 : newStart;
      return { from, to: Math.max(newStart, newStart + newLines - 1) };
    });
    if (ranges.length > 0) changed.set(newFileName.replace(/^b\//, ''), ranges);
  }
  return changed;
}

function resolveCommit(base: string, cwd: string): string {
  try {
    return git(cwd, [
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${base}^{commit}`,
    ]).trim();
  } catch {
    throw new UsageError(
      `--diff-base: git knows no commit '${base}' here. In CI, fetch it first (fetch-depth: 0).`,
    );
  }
}

/** Without a common ancestor, the commit itself. */
function mergeBase(commit: string, cwd: string): string {
  try {
    return git(cwd, ['merge-base', commit, 'HEAD']).trim();
  } catch {
    return commit;
  }
}

function git(cwd: string, args: readonly string[]): string {
  try {
    return execFileSync('git', [...args], {
      cwd,
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    const reason = stderr === '' ? String(error) : stderr.split('\n')[0];
    throw new UsageError(`--diff-base needs git: ${reason}`);
  }
}
