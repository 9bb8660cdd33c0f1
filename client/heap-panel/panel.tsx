// The whole page: header, controls, steps on the left, the heap on the right. Replays the path itself
// whenever the target changes; holds the index of the shown frame and nothing else.
import type { JSX } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { remembered } from '../../simulator/remembered.ts';
import { replay } from '../../simulator/replay.ts';
import { chosenSize, OTHER_SIZES, withChosenSize } from '../../simulator/chosen-sizes.ts';
import { isTarget, type Target, targetName, usualTargets } from '../../simulator/target.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import { bestTarget } from '../../simulator/verdict.ts';
import { Controls } from './controls.tsx';
import { CrashText } from './crash-text.tsx';
import { Exports } from './exports.tsx';
import { Fixes } from './fixes.tsx';
import { Header } from './header.tsx';
import { Heap } from './heap.tsx';
import type { Host, PagePlace, Shown } from './host.ts';
import { Steps } from './steps.tsx';
import { useStepKeys } from './step-keys.ts';
import { Targets } from './targets.tsx';

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
  /** The steps of the path at the cursor of an editor; null: it is at none. */
  readonly cursor: readonly number[] | null;
}

export function Panel({ host, state, leader, cursor }: PanelProps): JSX.Element {
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
      return (
        <Replay
          host={host}
          shown={state.shown}
          restored={state.restored}
          leader={leader}
          cursor={cursor}
        />
      );
  }
}

interface ReplayProps {
  readonly host: Host;
  readonly shown: Shown;
  readonly restored: Readonly<Record<string, unknown>> | null;
  readonly leader: PagePlace | null;
  readonly cursor: readonly number[] | null;
}

function Replay({ host, shown, restored, leader, cursor }: ReplayProps): JSX.Element {
  const givenSize = useMemo(() => chosenSize(shown.path), [shown]);
  const [size, setSize] = useState<Size>(() => restoredSize(restored, givenSize));
  const withSize = useMemo(() => remembered((each: Size) => replaysOf(shown, each)), [shown]);
  const { path, replayOf } = withSize(size);
  const best = useMemo(() => bestTarget(path, usualTargets(shown.python)), [path, shown]);
  const [opened] = useState<Target>(() => restoredTarget(restored) ?? best.target);
  const [target, setTarget] = useState<Target>(opened);
  const [fix, setFix] = useState<Fix>(() => restoredFix(restored, shown));
  const timeline = replayOf(fix, target);
  const [wanted, setWanted] = useState<number>(() => restoredFrame(restored, timeline));
  const frame = Math.min(wanted, timeline.frames.length - 1);
  const opening = useMemo(
    () => ({ ...shown, target, size, frame, fix }),
    [shown, target, size, frame, fix],
  );
  useEffect(() => host.save(opening), [host, opening]);
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
  const showEnd = (other: Timeline, of: Fix): void => goIn(other, shownFirst(other, of));
  const switchTo = (next: Target): void => {
    setTarget(next);
    showEnd(replayOf(fix, next), fix);
  };
  const resize = (next: Size): void => {
    setSize(next);
    showEnd(withSize(next).replayOf(fix, target), fix);
  };
  const applyFix = (next: Fix): void => {
    setFix(next);
    showEnd(replayOf(next, target), next);
  };
  useEffect(() => {
    if (leader === null) return;
    setFix(null);
    setSize(null);
    setTarget(leader.target);
    setWanted(leader.frame);
  }, [leader]);
  // Before the next key can come, which counts from there.
  useLayoutEffect(() => {
    const frames = fix === null ? framesOf(timeline, cursor ?? []) : [];
    // The one at hand stays: a line may have several steps.
    setWanted((at) => (frames.includes(at) ? at : (nearest(frames, at) ?? at)));
    // oxlint-disable-next-line react/exhaustive-deps -- the cursor alone moves it
  }, [cursor]);
  useStepKeys({ frame, last: timeline.frames.length - 1, go });
  return (
    <main class="panel">
      <Header
        title={shown.title}
        timeline={timeline}
        why={fix === null && targetName(opened) === targetName(best.target) ? best.why : null}
        targets={
          <Targets
            target={target}
            onTarget={switchTo}
            givenSize={givenSize}
            size={size}
            onSize={resize}
          />
        }
        exports={
          <Exports
            host={host}
            title={titleWith(shown, fix)}
            timeline={timeline}
            frame={frame}
            replay={opening}
          />
        }
        onOutcome={() => go(timeline.outcome.frame)}
      />
      <Fixes
        fixed={shown.fixed}
        outcomeOf={(each) => replayOf(each, target).outcome}
        fix={fix}
        onFix={applyFix}
      />
      <Controls timeline={timeline} frame={frame} onGo={go} />
      <div class="columns">
        <div class="walk">
          <CrashText host={host} timeline={timeline} frame={frame} onGo={go} />
          <Steps timeline={timeline} frame={frame} onGo={go} />
        </div>
        <Heap timeline={timeline} frame={frame} />
      </div>
    </main>
  );
}

/** Index into `fixed`; null: as the code is. */
type Fix = number | null;

/** Of the blocks whose size the source leaves open, in bytes; null: what the path was given. */
type Size = number | null;

interface Replays {
  /** As the code is. */
  readonly path: Shown['path'];
  /** Each replay is made when it is first asked for. */
  readonly replayOf: (fix: Fix, target: Target) => Timeline;
}

function replaysOf({ path, fixed }: Shown, size: Size): Replays {
  const sized = (each: Shown['path']): Shown['path'] =>
    size === null ? each : withChosenSize(each, size);
  const asIs = sized(path);
  const withFixes = fixed.map((each) => sized(each.path));
  const made = new Map<string, Timeline>();
  const replayOf: Replays['replayOf'] = (fix, target) => {
    const key = JSON.stringify([fix, target]);
    const timeline = made.get(key) ?? replay(withFixes[fix ?? -1] ?? asIs, target);
    made.set(key, timeline);
    return timeline;
  };
  return { path: asIs, replayOf };
}

function titleWith({ title, fixed }: Shown, fix: Fix): string {
  const applied = fixed[fix ?? -1];
  return applied === undefined ? title : `${title}; with the fix: ${applied.title}`;
}

/** With a fix there is nothing to show but the step that it is about. */
function shownFirst({ outcome, path }: Timeline, fix: Fix): number {
  return fix === null ? outcome.frame : path.fault + 1;
}

function restoredFix(restored: Readonly<Record<string, unknown>> | null, { fixed }: Shown): Fix {
  const saved = restored?.['fix'];
  return typeof saved === 'number' && fixed[saved] !== undefined ? saved : null;
}

function restoredTarget(restored: Readonly<Record<string, unknown>> | null): Target | null {
  const saved = restored?.['target'];
  return isTarget(saved) ? saved : null;
}

/** `given`: by the path; null: there is nothing to choose. */
function restoredSize(
  restored: Readonly<Record<string, unknown>> | null,
  given: number | null,
): Size {
  const saved = given === null ? null : restored?.['size'];
  return OTHER_SIZES.find((size) => size === saved) ?? null;
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

/** Those that show one of the steps, by their index. */
function framesOf({ frames }: Timeline, steps: readonly number[]): readonly number[] {
  return [...frames.keys()].filter((index) => steps.includes(frames[index]?.step ?? -1));
}

function nearest(frames: readonly number[], to: number): number | undefined {
  return frames.toSorted((left, right) => Math.abs(left - to) - Math.abs(right - to))[0];
}

/** What the aftermath shows follows from the flagged step. */
function stepAt(timeline: Timeline, frame: number): Timeline['path']['steps'][number] | null {
  const { path, frames } = timeline;
  const index = frames[frame]?.kind === 'aftermath' ? path.fault : frames[frame]?.step;
  return index === null || index === undefined ? null : (path.steps[index] ?? null);
}
