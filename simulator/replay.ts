// replay(path, target): runs a flagged path on a simulated process, then a short aftermath, and keeps the
// world after every frame so that any of them can be viewed in any order. Worlds share their pages.
import { aftermathOf, aftermathText } from './aftermath.ts';
import { alternativesOf } from './alternatives.ts';
import { assumptionsOf } from './assumptions.ts';
import { damageNotes } from './damage.ts';
import { EndlessLoop, ProcessDeath, UnmodelledAccess } from './fault.ts';
import type { BlockId, FlaggedPath, Step } from './flagged-path.ts';
import { viewOf } from './heap-view.ts';
import { misusesOf } from './misuse.ts';
import { withNeighbors } from './neighbors.ts';
import { outcomeOf } from './outcome.ts';
import { Process } from './process.ts';
import { readFlaggedPath } from './read-path.ts';
import { isInert, runStep, type StepResult } from './run-step.ts';
import { stepText } from './step-text.ts';
import { type Target, targetName } from './target.ts';
import type { Ending, Fault, Frame, Timeline } from './timeline.ts';
import { findBlock, type TrackedBlock } from './tracked-block.ts';
import type { World } from './world.ts';

/** Raised when a change of the model changes what a replay shows. */
const MODEL = 1;

/** Throws an Error with one sentence when the value is not a flagged path; never otherwise. */
export function replay(value: FlaggedPath, target: Target): Timeline {
  const path = readFlaggedPath(value);
  const recorder = new Recorder(startWorld(path, target));
  runPath(recorder, path);
  const flagged = path.fault + 1;
  const subject = subjectOf(recorder, path);
  const continues = recorder.misuses.size > 0 && subject !== null && recorder.alive;
  recorder.handOver(null);
  if (continues)
    for (const action of aftermathOf(subject, recorder.world)) {
      if (!recorder.alive) break;
      recorder.run({ kind: 'aftermath', step: null }, action.title, (world) => action.run(world));
    }
  const { frames, worlds, misuses } = recorder;
  return {
    target,
    model: `simulated: ${targetName(target)} (model ${MODEL})`,
    path,
    frames,
    outcome: outcomeOf({ frames, worlds, misuses, flagged, ending: recorder.ending }),
    assumptions: [
      ...assumptionsOf(path, worlds[0]),
      ...(continues ? [aftermathText(subject)] : []),
    ],
    view: (index) => {
      const world = worlds[index];
      if (world === undefined)
        throw new RangeError(`frame ${index} is outside the timeline (0 to ${frames.length - 1})`);
      return viewOf({ frame: index, world, before: worlds[index - 1] ?? world });
    },
  };
}

function startWorld(path: FlaggedPath, target: Target): World {
  const process = new Process(target, { state: 'drained' });
  const start = withNeighbors({ process, blocks: [], attached: true, handedOver: null }, path);
  process.takeNotes();
  return start;
}

function runPath(recorder: Recorder, path: FlaggedPath): void {
  const written = writtenBlocks(path);
  for (const [index, step] of path.steps.entries()) {
    if (!recorder.alive) break;
    recorder.misused(misusesOf(recorder.world, step));
    const title = stepText(step);
    recorder.handOver(handedTo(recorder.world, step));
    if (isInert(step)) recorder.pass({ kind: 'step', step: index }, title, step);
    else
      recorder.run({ kind: 'step', step: index }, title, (world) =>
        runStep(world, step, { written }),
      );
  }
}

function handedTo(world: World, step: Step): number | null {
  if (step.kind !== 'free' && step.kind !== 'realloc') return null;
  const block = findBlock(world.blocks, step.block);
  if (block === undefined || block.address === 0) return null;
  return block.address + (step.kind === 'free' ? step.offset : 0);
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

/** Makes the frames one by one; ends with the process. */
class Recorder {
  readonly frames: Frame[];
  readonly worlds: World[];
  readonly misuses = new Map<number, readonly string[]>();
  ending: Ending = 'ran on';
  /** After the last frame. */
  world: World;

  constructor(start: World) {
    this.world = start;
    const title = 'The heap before the path';
    this.frames = [{ kind: 'start', step: null, title, notes: [], fault: null }];
    this.worlds = [start];
  }

  get alive(): boolean {
    return this.ending === 'ran on';
  }

  /** What is wrong with the frame that comes next. */
  misused(sentences: readonly string[]): void {
    if (sentences.length > 0) this.misuses.set(this.frames.length, sentences);
  }

  /** Sets what the next frame gives to a release function. */
  handOver(pointer: number | null): void {
    this.world = { ...this.world, handedOver: pointer };
  }

  /** A step that leaves the process as it is. */
  pass(kind: Pick<Frame, 'kind' | 'step'>, title: string, step: Step): void {
    const attached = step.kind === 'thread-state' ? step.attached : this.world.attached;
    this.#push({ ...kind, title, notes: [], fault: null }, { ...this.world, attached });
  }

  run(kind: Pick<Frame, 'kind' | 'step'>, title: string, act: (world: World) => StepResult): void {
    const misuses = this.misuses.get(this.frames.length) ?? [];
    const before = this.world;
    // The kept worlds must not change any more: the action works on a copy.
    const world = { ...before, process: before.process.clone() };
    // What goes on after the path is other code, with a thread state of its own.
    const attached = before.attached || kind.kind === 'aftermath';
    world.process.setThreadState({ attached });
    try {
      const result = act(world);
      const notes = [...misuses, ...result.notes, ...damageNotes(before, result.world)];
      const effect = result.effect === '' ? '' : `: ${result.effect}`;
      this.#push({ ...kind, title: `${title}${effect}`, notes, fault: null }, result.world);
    } catch (error) {
      const end = endOf(error, title, world);
      this.ending = end.ending;
      const notes = [...misuses, ...world.process.takeNotes(), ...end.notes];
      this.#push({ ...kind, title: end.title, notes, fault: end.fault }, world);
    }
  }

  #push(frame: Frame, world: World): void {
    this.frames.push(frame);
    this.worlds.push(world);
    this.world = world;
  }
}

interface End {
  readonly title: string;
  readonly notes: readonly string[];
  readonly fault: Fault | null;
  readonly ending: Exclude<Ending, 'ran on'>;
}

/** Rethrows what is no end of a process. */
function endOf(error: unknown, title: string, world: World): End {
  if (error instanceof ProcessDeath) {
    const { signal, text } = error;
    const fault = { signal, text, reason: sentence(error.reason) };
    const notes = [fault.reason, ...alternativesOf(error, world)];
    return { title: `${title}: the process dies (${signal})`, notes, fault, ending: 'died' };
  }
  if (error instanceof EndlessLoop) {
    const notes = [sentence(error.message)];
    return { title: `${title}: the process hangs`, notes, fault: null, ending: 'hung' };
  }
  if (error instanceof UnmodelledAccess) {
    const notes = [
      sentence(`the outcome depends on memory that is not modelled: ${error.message}`),
    ];
    return {
      title: `${title}: the outcome is undetermined`,
      notes,
      fault: null,
      ending: 'unknown',
    };
  }
  throw error;
}

function sentence(text: string): string {
  // The name of a function keeps its case.
  const start = /^\w+\(\)/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return start.endsWith('.') ? start : `${start}.`;
}
