// The whole page: header, controls, steps on the left, the heap on the right. Replays the path itself
// whenever the target changes; holds the index of the shown frame and nothing else.
import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { replay } from '../../simulator/replay.ts';
import { BUILDS, RELEASE, type Target } from '../../simulator/target.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import { bestTarget } from '../../simulator/verdict.ts';
import { Controls } from './controls.tsx';
import { CrashText } from './crash-text.tsx';
import { Fixes } from './fixes.tsx';
import { Header } from './header.tsx';
import { Heap } from './heap.tsx';
import type { Host, PagePlace, Shown } from './host.ts';
import { Steps } from './steps.tsx';
import { useStepKeys } from './step-keys.ts';

export type PanelState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly reason: string }
  | {
      readonly kind: 'shown';
      readonly shown: Shown;
      readonly restored: Readonly<Record<string, unknown>> | null;
    };

interface PanelProps {
  readonly host: Host;
  readonly state: PanelState;
  /** Where another view of the same replay is; null: there is none. */
  readonly leader: PagePlace | null;
}

export function Panel({ host, state, leader }: PanelProps): JSX.Element {
  switch (state.kind) {
    case 'waiting':
      return <p class="message">Choose “Show Simulated Crash” on a finding to replay it here.</p>;
    case 'failed':
      return (
        <p class="message" role="alert">
          This cannot be replayed: {state.reason}
        </p>
      );
    case 'shown':
      return <Replay host={host} shown={state.shown} restored={state.restored} leader={leader} />;
  }
}

type Build = Target['build'];

interface ReplayProps {
  readonly host: Host;
  readonly shown: Shown;
  readonly restored: Readonly<Record<string, unknown>> | null;
  readonly leader: PagePlace | null;
}

function Replay({ host, shown, restored, leader }: ReplayProps): JSX.Element {
  const best = useMemo(() => bestTarget(shown.path), [shown.path]);
  const [build, setBuild] = useState<Build>(() => restoredBuild(restored) ?? best.target.build);
  const [fix, setFix] = useState<Fix>(() => restoredFix(restored, shown));
  const replayOf = useMemo(() => replaysOf(shown), [shown]);
  const timeline = replayOf(fix, build);
  const [wanted, setWanted] = useState<number>(() => restoredFrame(restored, timeline));
  const frame = Math.min(wanted, timeline.frames.length - 1);
  useEffect(() => host.save({ ...shown, build, frame, fix }), [host, shown, build, frame, fix]);
  const goIn = useCallback(
    (on: Timeline, index: number): void => {
      const next = Math.max(0, Math.min(index, on.frames.length - 1));
      setWanted(next);
      const step = stepAt(on, next);
      const place = on.path === shown.path ? { target: on.target, frame: next } : null;
      host.went(place, step?.at ?? null);
    },
    [host, shown],
  );
  const go = useCallback((index: number): void => goIn(timeline, index), [goIn, timeline]);
  const switchTo = (next: Build): void => {
    setBuild(next);
    const other = replayOf(fix, next);
    goIn(other, shownFirst(other, fix));
  };
  const applyFix = (next: Fix): void => {
    setFix(next);
    const other = replayOf(next, build);
    goIn(other, shownFirst(other, next));
  };
  useEffect(() => {
    if (leader === null) return;
    setFix(null);
    setBuild(leader.target.build);
    setWanted(leader.frame);
  }, [leader]);
  useStepKeys({ frame, last: timeline.frames.length - 1, go });
  return (
    <main class="panel">
      <Header
        title={shown.title}
        timeline={timeline}
        why={fix === null ? best.why : null}
        onBuild={switchTo}
        onOutcome={() => go(timeline.outcome.frame)}
      />
      <Fixes
        fixed={shown.fixed}
        outcomeOf={(each) => replayOf(each, build).outcome}
        fix={fix}
        onFix={applyFix}
      />
      <Controls timeline={timeline} frame={frame} onGo={go} />
      <CrashText host={host} timeline={timeline} frame={frame} onGo={go} />
      <div class="columns">
        <Steps timeline={timeline} frame={frame} onGo={go} />
        <Heap timeline={timeline} frame={frame} />
      </div>
    </main>
  );
}

/** Index into `fixed`; null: as the code is. */
type Fix = number | null;

/** Each replay is made when it is first asked for. */
function replaysOf({ path, fixed }: Shown): (fix: Fix, build: Build) => Timeline {
  const made = new Map<string, Timeline>();
  return (fix, build) => {
    const key = `${fix} ${build}`;
    const timeline = made.get(key) ?? replay(fixed[fix ?? -1]?.path ?? path, { ...RELEASE, build });
    made.set(key, timeline);
    return timeline;
  };
}

/** With a fix there is nothing to show but the step that it is about. */
function shownFirst({ outcome, path }: Timeline, fix: Fix): number {
  return fix === null ? outcome.frame : path.fault + 1;
}

function restoredFix(restored: Readonly<Record<string, unknown>> | null, { fixed }: Shown): Fix {
  const saved = restored?.['fix'];
  return typeof saved === 'number' && fixed[saved] !== undefined ? saved : null;
}

function restoredBuild(restored: Readonly<Record<string, unknown>> | null): Build | null {
  const saved = restored?.['build'];
  return BUILDS.find((build) => build === saved) ?? null;
}

function restoredFrame(
  restored: Readonly<Record<string, unknown>> | null,
  timeline: Timeline,
): number {
  const saved = restored?.['frame'];
  return typeof saved === 'number' && Number.isInteger(saved) && saved >= 0
    ? saved
    : timeline.outcome.frame;
}

/** What the aftermath shows follows from the flagged step. */
function stepAt(timeline: Timeline, frame: number): Timeline['path']['steps'][number] | null {
  const { path, frames } = timeline;
  const index = frames[frame]?.kind === 'aftermath' ? path.fault : frames[frame]?.step;
  return index === null || index === undefined ? null : (path.steps[index] ?? null);
}
