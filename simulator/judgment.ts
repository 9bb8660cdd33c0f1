// One path on one target, judged: how it ends, in few words, and which other ends the same process may have
// where address randomization or the earlier heap decides. The same run as a replay's, without its frames.
import type { Alternative } from './alternatives.ts';
import type { FlaggedPath } from './flagged-path.ts';
import { goingOn } from './going-on.ts';
import { HEAPS_BEFORE, type HeapBefore } from './neighbors.ts';
import { lastWords } from './outcome.ts';
import { type PathRun, runPath } from './run-path.ts';
import type { Target } from './target.ts';

/** How it ends, from the first to show to the last. */
export type EndKind =
  | 'dies here'
  | 'dies earlier'
  | 'dies later'
  | 'hangs'
  /** nothing dies, and two live blocks share bytes */
  | 'overlap'
  /** nothing shows, and what happened is wrong all the same */
  | 'silent'
  /** nothing shows, and both functions end in the same allocator: only the code is wrong */
  | 'harmless'
  | 'leak'
  | 'clean'
  | 'unknown';

export interface End {
  readonly kind: EndKind;
  readonly signal: 'SIGABRT' | 'SIGSEGV' | null;
  /** The line of standard error that people search for; empty when nothing is printed. */
  readonly lastWords: string;
  /** Who dies, or in what a later process dies: `PyMem_Malloc(64)`; null for every other end. */
  readonly who: string | null;
  /** Actions after the flagged step until it shows; 0 at the step itself. */
  readonly after: number;
}

export interface Judgment {
  readonly target: Target;
  readonly end: End;
  /** Ends that occur as well; empty: every such process ends like this. */
  readonly others: readonly End[];
  /** What decides between them, as the end of "depends on"; empty when nothing does. */
  readonly dependsOn: readonly string[];
}

export interface UsualEnd {
  readonly run: PathRun;
  readonly end: End;
  /** Equal for targets that end alike for the same reasons. */
  readonly key: string;
}

/** One run on the usual heap. */
export function endOn(path: FlaggedPath, target: Target): UsualEnd {
  const run = runPath(path, target, { keeping: 'outcome', before: 'usual' });
  const end = endOf(run);
  const key = [keyOf(end), ...run.recorder.alternatives.map(({ on }) => on)].join('\0');
  return { run, end, key };
}

/** Runs on every heap before it; `usual`: the run on the usual one, where there was one. */
export function judge(
  path: FlaggedPath,
  target: Target,
  { run, end }: UsualEnd = endOn(path, target),
): Judgment {
  const found = HEAPS_BEFORE.filter((before) => before !== 'usual').map((before) => ({
    before,
    end: endOf(runPath(path, target, { keeping: 'outcome', before })),
  }));
  const otherHeaps = found.filter((each) => !sameEnd(each.end, end));
  const { alternatives } = run.recorder;
  const later = endWhenGoingOn(run, end);
  const others = distinct(
    [
      ...(later === null ? [] : [later]),
      ...otherHeaps.map((each) => each.end),
      ...alternatives.map((each) => alternativeEnd(each, end)),
    ],
    end,
  );
  const dependsOn = [
    ...alternatives.map(({ on }) => on),
    ...(otherHeaps.length > 0 ? [heapText(end, otherHeaps)] : []),
    ...(end.kind === 'dies later' || end.kind === 'hangs' ? [ELSEWHERE] : []),
    ...(end.kind === 'dies later' || end.kind === 'hangs' || later !== null ? [NEXT] : []),
  ];
  return { target, end, others, dependsOn: [...new Set(dependsOn)] };
}

const ELSEWHERE = 'what else lies in the heap';
const NEXT = 'what the process does next';

/** What comes of it where nothing died, and the process goes on long enough; null: nothing more is known. */
function endWhenGoingOn(run: PathRun, end: End): End | null {
  if (end.kind !== 'overlap' && end.kind !== 'silent') return null;
  const later = goingOn(run);
  if (later === null || later.fault === null) return null;
  const { fault, at: who, actions } = later;
  const after = run.recorder.frames.length - 1 - run.flagged + actions;
  const { signal } = fault;
  return { kind: 'dies later', signal, lastWords: wordsOf(lastWords(fault)), who, after };
}

function endOf({ outcome, recorder, flagged }: PathRun): End {
  const { verdict, fault, frame, ending } = outcome;
  const after = Math.max(0, frame - flagged);
  const nothing = { signal: null, lastWords: '', who: null, after } as const;
  if (ending === 'hung') return { ...nothing, kind: 'hangs', who: whoOf(recorder, frame) };
  if (ending === 'unknown') return { ...nothing, kind: 'unknown' };
  if (fault !== null) {
    const kind = frame === flagged ? 'dies here' : frame < flagged ? 'dies earlier' : 'dies later';
    const { signal } = fault;
    const who = kind === 'dies here' ? null : whoOf(recorder, frame);
    return { kind, signal, lastWords: wordsOf(lastWords(fault)), who, after };
  }
  switch (verdict) {
    case 'overlap':
    case 'leak':
    case 'clean':
      return { ...nothing, kind: verdict };
    case 'crash':
    case 'crash-later':
    case 'silent':
      return { ...nothing, kind: isHarmless(recorder) ? 'harmless' : 'silent' };
  }
}

/** Only the family is wrong, and each block is back where it came from. */
function isHarmless({ misuses, hasStray }: PathRun['recorder']): boolean {
  const all = [...misuses.values()].flat();
  return !hasStray && all.length > 0 && all.every(({ kind }) => kind === 'family');
}

function whoOf({ frames }: PathRun['recorder'], frame: number): string {
  return (frames[frame]?.title ?? '').replace(/: the (?:process|outcome) .*$/, '');
}

/** `lastWords` is made to follow a sentence. An address says nothing of another process. */
function wordsOf(text: string): string {
  return text.startsWith(': ') ? text.slice(2).replaceAll(/0x[0-9a-f]{6,}/g, '0x...') : '';
}

function alternativeEnd({ signal, lastWords: words }: Alternative, end: End): End {
  return { ...end, signal, lastWords: wordsOf(`: ${words}`) };
}

function sameEnd(left: End, right: End): boolean {
  return keyOf(left) === keyOf(right);
}

/** Equal for ends that differ only in an address, a stray byte, or in whether the fatal error names its function. */
export function keyOf({ kind, signal, lastWords: words, who }: End): string {
  const masked = words
    .replace(/^(Fatal Python error: )_PyMem_Debug\w+: /, '$1')
    .replace(/API '[^']*('.*)?$/, "API '…'");
  return [kind, signal, masked, kind === 'dies earlier' ? who : ''].join('\0');
}

function distinct(ends: readonly End[], known: End): readonly End[] {
  const keys = new Set([keyOf(known)]);
  return ends.filter((end) => {
    const isNew = !keys.has(keyOf(end));
    keys.add(keyOf(end));
    return isNew;
  });
}

function heapText(
  usual: End,
  others: readonly { readonly before: HeapBefore; readonly end: End }[],
): string {
  const isAtOnce = [usual, ...others.map(({ end }) => end)].some(
    ({ kind }) => kind === 'dies here',
  );
  return isAtOnce ? 'the bytes before the block' : ELSEWHERE;
}
