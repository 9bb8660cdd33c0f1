// The findings that a project knows and lives with: a file that is kept in the repository. Findings are known
// by fingerprint, which lines that move do not change; places are kept for readers.
import { existsSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import * as v from 'valibot';
import { disk } from '../files/disk.ts';
import type { Finding } from '../finding.ts';
import { reasonOf } from '../reason-of.ts';
import { UsageError } from './exit.ts';

const ENTRY = v.object({
  file: v.string(),
  rule: v.string(),
  message: v.string(),
  fingerprint: v.string(),
});
const BASELINE = v.object({ version: v.literal(1), findings: v.array(ENTRY) });

export type Entry = v.InferOutput<typeof ENTRY>;

export interface Marked {
  readonly finding: Finding;
  readonly fingerprint: string;
}

export interface Compared {
  readonly fresh: readonly Finding[];
  readonly known: readonly Finding[];
  /** Entries of checked files that nothing was found for. */
  readonly stale: readonly Entry[];
}

/** `path` is absolute. Throws UsageError for what is no baseline. */
export function readBaseline(path: string, shown: string): readonly Entry[] {
  let json: unknown;
  try {
    json = JSON.parse(disk.readText(path));
  } catch (error) {
    const reason = reasonOf(error);
    const hint = existsSync(path) ? '' : ' Make it with: pymem-lint baseline';
    throw new UsageError(`cannot read the baseline '${shown}': ${reason}.${hint}`);
  }
  const parsed = v.safeParse(BASELINE, json);
  if (!parsed.success) throw new UsageError(`'${shown}' is no baseline of pymem-lint.`);
  return parsed.output.findings;
}

export function baselineText(entries: readonly Entry[]): string {
  const sorted = entries.toSorted(
    (a, b) => order(a.file, b.file) || order(a.fingerprint, b.fingerprint),
  );
  return `${JSON.stringify({ version: 1, findings: sorted }, null, 2)}\n`;
}

/** The file names of a baseline start at its folder. */
export function entriesOf(marked: readonly Marked[], path: string, cwd: string): Entry[] {
  return marked.map(({ finding, fingerprint }) => ({
    file: fromBaseline(finding.at.file, path, cwd),
    rule: finding.rule,
    message: finding.message,
    fingerprint,
  }));
}

/** `checked`: the display names of the files that were checked. */
export function compare(
  marked: readonly Marked[],
  entries: readonly Entry[],
  checked: readonly string[],
  path: string,
  cwd: string,
): Compared {
  const left = new Map<string, Entry[]>();
  for (const entry of entries) add(left, key(entry.file, entry.fingerprint), entry);
  const unknown = marked.filter(({ finding, fingerprint }) => {
    const file = fromBaseline(finding.at.file, path, cwd);
    return left.get(key(file, fingerprint))?.pop() === undefined;
  });
  // A file that was renamed takes its findings along.
  const moved = new Map<string, Entry[]>();
  const remaining = [...left.values()].flat();
  const isGone = (entry: Entry): boolean => !existsSync(resolve(dirname(path), entry.file));
  for (const entry of remaining.filter(isGone)) add(moved, entry.fingerprint, entry);
  const found = new Set<Entry>();
  const fresh = unknown.filter(({ fingerprint }) => {
    const entry = moved.get(fingerprint)?.pop();
    if (entry !== undefined) found.add(entry);
    return entry === undefined;
  });
  const isFresh = new Set(fresh.map(({ finding }) => finding));
  const names = new Set(checked.map((file) => fromBaseline(file, path, cwd)));
  return {
    fresh: fresh.map(({ finding }) => finding),
    known: marked.map(({ finding }) => finding).filter((finding) => !isFresh.has(finding)),
    stale: remaining.filter(
      (entry) => !found.has(entry) && (names.has(entry.file) || isGone(entry)),
    ),
  };
}

function fromBaseline(file: string, path: string, cwd: string): string {
  return relative(dirname(path), resolve(cwd, file)).split(sep).join('/');
}

function key(file: string, fingerprint: string): string {
  return `${file}\0${fingerprint}`;
}

function add(map: Map<string, Entry[]>, name: string, entry: Entry): void {
  const known = map.get(name);
  if (known === undefined) map.set(name, [entry]);
  else known.push(entry);
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
