// The verdict matrix: one path over many targets. Targets that end alike form one row; each row says
// whether every such process ends so, and otherwise what decides and which ends occur.
import type { FlaggedPath } from './flagged-path.ts';
import { FREE_THREADED, freeThreadedVerdict } from './free-threaded.ts';
import { type End, type EndKind, endOn, judge, keyOf, type UsualEnd } from './judgment.ts';
import { readFlaggedPath } from './read-path.ts';
import { type SizedPath, sizedPaths } from './resized-path.ts';
import {
  BUILDS,
  buildName,
  LIBCS,
  MODEL,
  PYTHONS,
  RELEASE,
  type Target,
  usualTargets,
} from './target.ts';
import { endWords } from './verdict-words.ts';

export interface VerdictRow {
  /** In the order of BUILDS. */
  readonly builds: readonly Target['build'][];
  readonly sizes: readonly SizedPath['size'][];
  /** Those that end alike, in the order of the list. */
  readonly targets: readonly Target[];
  readonly end: End;
  readonly others: readonly End[];
  /** Empty: deterministic. */
  readonly dependsOn: readonly string[];
}

/** Builds that are not replayed: what is known of them is a rule of what was measured. */
export interface RuledRow {
  /** Free-threaded, without PYTHONMALLOC: `3.13t`. */
  readonly pythons: readonly string[];
  readonly end: End;
  readonly others: readonly End[];
  /** Empty: deterministic. */
  readonly dependsOn: readonly string[];
}

export interface VerdictMatrix {
  /** `simulated (model 1)`. Every text that leaves the product carries it. */
  readonly model: string;
  readonly targets: readonly Target[];
  /** The sizes that were tried; one when the source fixes the size of the block. */
  readonly sizes: readonly { readonly size: SizedPath['size']; readonly bytes: number | null }[];
  readonly rows: readonly VerdictRow[];
  /** For the versions among the targets that have a free-threaded build; empty where no rule speaks. */
  readonly byRule: readonly RuledRow[];
}

export const DEFAULT_TARGETS = targetsFor(PYTHONS);

/** Each Python on one C library, and each C library under one Python; each on every build. */
export function targetsFor(pythons: readonly Target['python'][]): readonly Target[] {
  const python = pythons.includes(RELEASE.python) ? RELEASE.python : pythons.at(-1);
  if (python === undefined) return [];
  const libcs = LIBCS.filter((libc) => libc !== RELEASE.libc);
  return BUILDS.flatMap((build) => [
    ...pythons.map((each): Target => ({ ...RELEASE, build, python: each })),
    ...libcs.map((libc): Target => ({ ...RELEASE, build, python, libc })),
  ]);
}

/** What tells more comes first. */
const TELLING: readonly EndKind[] = [
  'dies here',
  'dies earlier',
  'dies later',
  'hangs',
  'overlap',
  'silent',
  'unknown',
  'harmless',
  'leak',
  'clean',
];

/** Throws an Error with one sentence when the value is not a flagged path. */
export function verdictOf(
  value: FlaggedPath,
  targets: readonly Target[] = DEFAULT_TARGETS,
): VerdictMatrix {
  const path = readFlaggedPath(value);
  const sized = sizedPaths(path);
  const rows = sized.flatMap((each) => rowsOf(each, targets));
  return {
    model: `simulated (model ${MODEL})`,
    targets,
    sizes: sized.map(({ size, bytes }) => ({ size, bytes })),
    rows: merged(merged(rows, 'sizes'), 'builds').toSorted(inOrder),
    byRule: ruledRows(path, targets),
  };
}

function ruledRows(path: FlaggedPath, targets: readonly Target[]): readonly RuledRow[] {
  const found = freeThreadedVerdict(path);
  const pythons = FREE_THREADED.filter((each) => targets.some(({ python }) => python === each));
  if (found === null || pythons.length === 0) return [];
  return [{ ...found, pythons: pythons.map((python) => `${python}t`), others: [] }];
}

/** The heaps before it are tried on one target of each row. */
function rowsOf({ path, size }: SizedPath, targets: readonly Target[]): readonly VerdictRow[] {
  const groups = new Map<
    string,
    { readonly alike: readonly Target[]; readonly last: Target; readonly usual: UsualEnd }
  >();
  for (const target of targets) {
    const usual = endOn(path, target);
    const key = `${target.build}\0${usual.key}`;
    groups.set(key, { alike: [...(groups.get(key)?.alike ?? []), target], last: target, usual });
  }
  return Array.from(groups.values(), ({ alike, last, usual }) => {
    // The words of the newest Python.
    const { end, others, dependsOn } = judge(path, last, usual);
    return { builds: [last.build], sizes: [size], targets: alike, end, others, dependsOn };
  });
}

/** Rows that differ in nothing but their sizes, or their builds, become one. */
function merged(rows: readonly VerdictRow[], by: 'sizes' | 'builds'): readonly VerdictRow[] {
  const found = new Map<string, VerdictRow>();
  for (const row of rows) {
    const { builds, sizes, targets, end, others, dependsOn } = row;
    const where = targets.map(({ python, libc }) => `${python} ${libc}`);
    const key = [
      by === 'sizes' ? builds : sizes,
      where,
      keyOf(end),
      others.map(keyOf),
      dependsOn,
    ].join('\0');
    const same = found.get(key);
    if (same === undefined) found.set(key, row);
    else if (by === 'sizes') found.set(key, { ...same, sizes: [...same.sizes, ...sizes] });
    else
      found.set(key, {
        ...same,
        builds: [...same.builds, ...builds],
        targets: [...same.targets, ...targets],
      });
  }
  return [...found.values()];
}

/** By build; within one, what most targets do comes first. */
function inOrder(left: VerdictRow, right: VerdictRow): number {
  const build = ({ builds: [first] }: VerdictRow): number =>
    first === undefined ? BUILDS.length : BUILDS.indexOf(first);
  return build(left) - build(right) || right.targets.length - left.targets.length;
}

export interface BestTarget {
  readonly target: Target;
  /** What it shows and what another one shows, to follow a colon; null when there is no other. */
  readonly why: string | null;
}

/** The one of `targets` on which the defect shows best; the earlier one of equals. */
export function bestTarget(
  path: FlaggedPath,
  targets: readonly Target[] = usualTargets(RELEASE.python),
): BestTarget {
  const ends = targets.map((target) => ({ target, end: endOn(path, target).end }));
  const [best, ...others] = ends.toSorted((left, right) => rank(left.end) - rank(right.end));
  if (best === undefined) throw new Error('no target to choose from');
  const next = others.find(({ end }) => rank(end) > rank(best.end)) ?? others[0];
  if (next === undefined) return { target: best.target, why: null };
  return {
    target: best.target,
    why: `${whatShows(best)}; ${whatShows(next)}`,
  };
}

/** `on the release build it dies at the flagged step` */
function whatShows({ target, end }: { readonly target: Target; readonly end: End }): string {
  const article = target.build === 'release' ? 'the ' : '';
  return `on ${article}${buildName(target.build)} it ${endWords(end)}`;
}

export function rank({ kind }: End): number {
  return TELLING.indexOf(kind);
}
