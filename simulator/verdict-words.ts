// What a verdict says, in the same words for every view: how a run ends, on which targets, and what decides
// where not every process ends alike.
import type { End } from './judgment.ts';
import { buildNames, LIBCS, PYTHONS } from './target.ts';
import type { RuledRow, VerdictMatrix, VerdictRow } from './verdict.ts';

/** One or two words for a column. */
export function endLabel({ kind }: Pick<End, 'kind'>): string {
  switch (kind) {
    case 'dies here':
    case 'dies earlier':
    case 'dies later':
    case 'hangs':
    case 'silent':
    case 'harmless':
      return kind;
    case 'overlap':
      return 'silent, overlap';
    case 'leak':
      return 'leaks';
    case 'clean':
      return 'nothing';
    case 'unknown':
      return 'undetermined';
  }
}

/** After "it": `dies at the flagged step with SIGABRT: free(): invalid pointer`. */
export function endWords(end: End): string {
  switch (end.kind) {
    case 'dies here':
      return `dies at the flagged step ${deathWords(end)}`;
    case 'dies earlier':
      return `dies before the flagged step, at “${end.who}”, ${deathWords(end)}`;
    case 'dies later':
      return `dies later, ${laterWords(end)} at “${end.who}”, ${deathWords(end)}`;
    case 'hangs':
      return `spins in an endless loop, at “${end.who}”`;
    case 'overlap':
      return 'goes on, with two live blocks in the same bytes';
    case 'silent':
      return 'goes on, and nothing shows';
    case 'harmless':
      return 'goes on unharmed: here both functions end in the same allocator';
    case 'leak':
      return 'goes on, and the block can never be released';
    case 'clean':
      return 'goes on; the heap is as it should be';
    case 'unknown':
      return 'does what memory that is not modelled decides';
  }
}

/** The death alone: `SIGABRT: free(): invalid pointer`; the words of endWords for every other end. */
export function endDetail(end: End): string {
  const death = `${end.signal}: ${end.lastWords === '' ? 'nothing is printed' : end.lastWords}`;
  switch (end.kind) {
    case 'dies here':
      return death;
    case 'dies earlier':
      return `at “${end.who}”: ${death}`;
    case 'dies later':
      return `${laterWords(end)} at “${end.who}”: ${death}`;
    case 'hangs':
    case 'overlap':
    case 'silent':
    case 'harmless':
    case 'leak':
    case 'clean':
    case 'unknown':
      return endWords(end);
  }
}

function deathWords({ signal, lastWords }: End): string {
  return lastWords === '' ? `with ${signal}, and prints nothing` : `with ${signal}: ${lastWords}`;
}

function laterWords({ after }: End): string {
  return after === 1 ? 'one action on,' : `${after} actions on,`;
}

/** `always`, or what decides and which ends occur as well. */
export function certaintyWords({
  others,
  dependsOn,
}: Pick<VerdictRow, 'others' | 'dependsOn'>): string {
  if (dependsOn.length === 0) return 'always';
  const also = others.map((end) => `or ${endLabel(end)}: ${endDetail(end)}`);
  return [`depends on ${dependsOn.join(' and ')}`, ...also].join('; ');
}

/** Which targets and sizes a row is about: `release build, up to 512 bytes, CPython 3.8`. */
export function whereWords(row: VerdictRow, matrix: VerdictMatrix): string {
  const parts = [buildWords(row, matrix), sizeWords(row), targetWords(row, matrix)];
  return parts.filter((part) => part !== '').join(', ');
}

/** `CPython 3.13t and 3.14t (free-threaded), by rule, not replayed` */
export function ruledWords({ pythons }: RuledRow): string {
  return `CPython ${pythons.join(' and ')} (free-threaded), by rule, not replayed`;
}

/** `the release build, PYTHONMALLOC=malloc`; `every build` when it is about all of them. */
function buildWords({ builds }: VerdictRow, { targets }: VerdictMatrix): string {
  const all = new Set(targets.map(({ build }) => build));
  return builds.length === all.size && all.size > 1 ? 'every build' : buildNames(builds);
}

/** Which targets of its builds a row is about; empty when it is about all of them. */
function targetWords(row: VerdictRow, matrix: VerdictMatrix): string {
  const all = matrix.targets.filter(({ build }) => row.builds.includes(build));
  if (all.length === row.targets.length) return '';
  const pythons = PYTHONS.filter((python) => row.targets.some((each) => each.python === python));
  const libcs = LIBCS.filter((libc) => row.targets.some((each) => each.libc === libc));
  const pythonText = `CPython ${ranges(pythons, PYTHONS)}`;
  const libcText = `glibc ${ranges(libcs, LIBCS).replaceAll('glibc-', '')}`;
  const ofPythons = all.filter(({ python }) => pythons.includes(python));
  if (ofPythons.length === row.targets.length) return pythonText;
  const ofLibcs = all.filter(({ libc }) => libcs.includes(libc));
  return ofLibcs.length === row.targets.length ? libcText : `${pythonText}, ${libcText}`;
}

/** `3.8 to 3.10, 3.13` */
function ranges(some: readonly string[], order: readonly string[]): string {
  const runs: string[][] = [];
  for (const each of some) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && order.indexOf(each) === order.indexOf(last) + 1)
      run.push(each);
    else runs.push([each]);
  }
  return runs
    .map((run) => (run.length === 1 ? `${run[0]}` : `${run[0]} to ${run.at(-1)}`))
    .join(', ');
}

/** `up to 512 bytes`; empty where the size of the block decides nothing, or where the source fixes it. */
function sizeWords({ sizes: [size, ...others] }: VerdictRow): string {
  if (others.length > 0 || size === undefined || size === 'as written') return '';
  return size === 'small' ? 'up to 512 bytes' : 'over 512 bytes';
}
