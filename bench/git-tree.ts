// Files of one commit of a git repository without a checkout. Knows nothing of C except how an include
// names a file.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { SourceFile } from '../server/check.ts';
import { groupBy } from '../server/group-by.ts';

/** Bounds: so that a check of a large directory stays a matter of seconds. */
const MOST_HEADERS = 80;
const MOST_SIBLINGS = 40;
const MOST_BYTES = 2_000_000;
/** Siblings are taken up to this size. */
const MOST_BYTES_WITH_SIBLINGS = 700_000;

export function git(repository: string, ...command: readonly string[]): string {
  return execFileSync('git', ['-C', repository, ...command], {
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0' },
  });
}

/** The files, the headers they reach, and C files and headers beside them, in a bounded number. */
export function filesAround(
  repository: string,
  commit: string,
  paths: readonly string[],
): SourceFile[] {
  const all = git(repository, 'ls-tree', '-r', '--name-only', commit).split('\n');
  const present = new Set(all);
  const texts = new Map<string, string>();
  let bytes = 0;
  const take = (file: string): string | null => {
    if (bytes > MOST_BYTES || !present.has(file)) return null;
    const text = git(repository, 'show', `${commit}:${file}`);
    bytes += text.length;
    texts.set(file, text);
    return text;
  };
  const byName = groupBy(all, (file) => path.posix.basename(file));
  const pending = paths.filter((file) => present.has(file));
  const wanted = new Set(pending);
  for (let file = pending.shift(); file !== undefined; file = pending.shift()) {
    const text = take(file);
    if (text === null) continue;
    for (const name of includesOf(text)) {
      const found = resolveInclude(file, name, byName.get(path.posix.basename(name)) ?? []);
      if (found === null || wanted.has(found) || wanted.size > MOST_HEADERS) continue;
      wanted.add(found);
      pending.push(found);
    }
  }
  const folders = new Set(paths.map((file) => path.posix.dirname(file)));
  const siblings = all.filter(
    (file) =>
      /\.(?:c|h|cpp|cc|cxx)$/.test(file) &&
      folders.has(path.posix.dirname(file)) &&
      !texts.has(file),
  );
  for (const file of siblings.slice(0, MOST_SIBLINGS)) {
    if (bytes > MOST_BYTES_WITH_SIBLINGS) break;
    take(file);
  }
  return Array.from(texts, ([file, text]) => ({ file, text })).toSorted((a, b) =>
    a.file < b.file ? -1 : 1,
  );
}

function includesOf(text: string): string[] {
  return [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"/gm)].map((m) => m[1]!);
}

/** Beside the including file, else the only file of the tree whose path ends so. */
function resolveInclude(from: string, name: string, sameName: readonly string[]): string | null {
  const beside = path.posix.join(path.posix.dirname(from), name);
  if (sameName.includes(beside)) return beside;
  const wanted = name.replace(/^(?:\.\.?\/)+/, '');
  const ending = sameName.filter((file) => file === wanted || file.endsWith(`/${wanted}`));
  return ending.length === 1 ? ending[0]! : null;
}

/** Where the lines of one version are in another; a line that is gone maps to what replaced it. */
export function lineMap(
  repository: string,
  before: string,
  after: string,
): (line: number) => number {
  const hunks = Array.from(
    git(repository, 'diff', '-U0', '--no-color', before, after).matchAll(
      /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/gm,
    ),
    ([, start, count, newStart, newCount]) => ({
      start: Number(start),
      count: Number(count ?? 1),
      newStart: Number(newStart),
      newCount: Number(newCount ?? 1),
    }),
  );
  return (line) => {
    let shift = 0;
    for (const { start, count, newStart, newCount } of hunks) {
      // An insertion is after its start line.
      const first = count === 0 ? start + 1 : start;
      if (line < first) break;
      if (line < first + count) return newStart + Math.min(line - first, Math.max(0, newCount - 1));
      shift += newCount - count;
    }
    return line + shift;
  };
}
