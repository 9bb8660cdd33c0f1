// A flagged path on one simulated process: the heap before it, its steps, and what the process goes on to do.
// What is kept of it is the recorder's.
import { aftermathOf } from './aftermath.ts';
import type { BlockId, FlaggedPath, Step } from './flagged-path.ts';
import { misusesOf } from './misuse.ts';
import { type HeapBefore, withNeighbors } from './neighbors.ts';
import { outcomeOf } from './outcome.ts';
import { Process } from './process.ts';
import { type Keeping, Recorder } from './recorder.ts';
import { isInert, runStep } from './run-step.ts';
import { stepText } from './step-text.ts';
import type { Target } from './target.ts';
import type { Outcome } from './timeline.ts';
import { findBlock, type TrackedBlock } from './tracked-block.ts';
import type { World } from './world.ts';

export interface PathRun {
  readonly recorder: Recorder;
  readonly outcome: Outcome;
  /** Index of the frame of the flagged step, 0-based. */
  readonly flagged: number;
  /** The block whose fate the aftermath is about; null: there is no aftermath. */
  readonly subject: TrackedBlock | null;
}

export interface RunOptions {
  readonly keeping: Keeping;
  /** What the heap holds before the path. */
  readonly before: HeapBefore;
}

/** `path` must have been read by readFlaggedPath. */
export function runPath(path: FlaggedPath, target: Target, options: RunOptions): PathRun {
  const recorder = new Recorder(startWorld(path, target, options), options.keeping);
  runSteps(recorder, path);
  const flagged = path.fault + 1;
  const block = subjectOf(recorder, path);
  const subject = recorder.misuses.size > 0 && recorder.alive ? block : null;
  recorder.handOver(null);
  if (subject !== null)
    for (const action of aftermathOf(subject, recorder.world)) {
      if (!recorder.alive) break;
      recorder.run({ kind: 'aftermath', step: null }, action.title, (world) => {
        // It is other code, with a thread state of its own.
        world.process.setThreadState({ attached: true });
        return action.run(world);
      });
    }
  const { frames, worlds, misuses, ending } = recorder;
  return {
    recorder,
    outcome: outcomeOf({ frames, worlds, misuses, flagged, ending }),
    flagged,
    subject,
  };
}

function startWorld(path: FlaggedPath, target: Target, { keeping, before }: RunOptions): World {
  // Nobody reads the notes of a run of which the outcome alone is kept.
  const explains = keeping === 'every frame';
  const process = new Process(target, { state: 'drained', explains });
  const empty = { process, blocks: [], handedOver: null };
  const start = withNeighbors(empty, path, before);
  process.takeNotes();
  return start;
}

function runSteps(recorder: Recorder, path: FlaggedPath): void {
  const written = writtenBlocks(path);
  for (const [index, step] of path.steps.entries()) {
    if (!recorder.alive) break;
    recorder.misused(misusesOf(recorder.world, step));
    const title = stepText(step);
    recorder.handOver(handedTo(recorder.world, step));
    if (isInert(step)) recorder.pass(index, title);
    else
      recorder.run({ kind: 'step', step: index }, title, (world) =>
        runStep(world, step, { written }),
      );
  }
}

function handedTo(world: World, step: Step): World['handedOver'] {
  if (step.kind !== 'free' && step.kind !== 'realloc') return null;
  const block = findBlock(world.blocks, step.block);
  if (block === undefined || block.address === 0) return null;
  const isResized = step.kind === 'realloc';
  return { address: block.address + (isResized ? 0 : step.offset), isResized };
}

function writtenBlocks(path: FlaggedPath): ReadonlySet<BlockId> {
  return new Set(path.steps.flatMap((step) => (step.kind === 'write' ? [step.block] : [])));
}

/** The block that the flagged step is about. */
function subjectOf(recorder: Recorder, path: FlaggedPath): TrackedBlock | null {
  const step = path.steps[path.fault];
  const id = step === undefined ? undefined : blockOf(step);
  const found = id === undefined ? undefined : findBlock(recorder.world.blocks, id);
  const subject = found ?? recorder.world.blocks.findLast((block) => block.owner === 'path');
  return subject?.heap === null ? null : (subject ?? null);
}

function blockOf(step: Step): BlockId | undefined {
  return 'block' in step ? step.block : undefined;
}
