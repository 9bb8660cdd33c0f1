// Makes the frames of a replay one by one; ends with the process. Keeps the world after every frame, or, where
// only the outcome is wanted, lets one process go on and keeps what its program believed.
import { type Alternative, alternativesOf } from './alternatives.ts';
import { damageNotes } from './damage.ts';
import { type Death, evidenceOf } from './evidence.ts';
import { EndlessLoop, ProcessDeath, UnmodelledAccess } from './fault.ts';
import { isHome } from './homecoming.ts';
import type { Misuse } from './misuse.ts';
import type { StepResult } from './run-step.ts';
import type { Ending, Fault, Frame } from './timeline.ts';
import type { World } from './world.ts';

/** every frame: any of them can be viewed. outcome: one process goes on, and only what it did is kept. */
export type Keeping = 'every frame' | 'outcome';

export class Recorder {
  readonly frames: Frame[];
  /** After each frame. Where only the outcome is kept they share one process, which is as it is at the end. */
  readonly worlds: World[];
  readonly misuses = new Map<number, readonly Misuse[]>();
  /** Other ways in which the death may go, and what decides; empty where every process dies alike. */
  alternatives: readonly Alternative[] = [];
  /** A function of another family got a block, and the block is not back where it came from. */
  hasStray = false;
  ending: Ending = 'ran on';
  /** After the last frame. */
  world: World;

  constructor(
    start: World,
    readonly keeping: Keeping,
  ) {
    this.world = start;
    const title = 'The heap before the path';
    this.frames = [{ kind: 'start', step: null, title, notes: [], fault: null }];
    this.worlds = [start];
  }

  get alive(): boolean {
    return this.ending === 'ran on';
  }

  /** What is wrong with the frame that comes next. */
  misused(misuses: readonly Misuse[]): void {
    if (misuses.length > 0) this.misuses.set(this.frames.length, misuses);
  }

  /** Sets what the next frame gives to a release function. */
  handOver(handedOver: World['handedOver']): void {
    if (handedOver !== this.world.handedOver) this.world = { ...this.world, handedOver };
  }

  /** A step that leaves the process as it is. */
  pass(index: number, title: string): void {
    this.#push({ kind: 'step', step: index, title, notes: [], fault: null }, this.world);
  }

  run(
    { kind, step }: Pick<Frame, 'kind' | 'step'>,
    title: string,
    act: (world: World) => StepResult,
  ): void {
    const wrong = this.misuses.get(this.frames.length) ?? [];
    const misuses = wrong.map(({ text }) => text);
    const before = this.world;
    const keepsAll = this.keeping === 'every frame';
    // A kept world must not change any more: the action works on a copy.
    const world = keepsAll ? { ...before, process: before.process.clone() } : before;
    const given = wrong.some((misuse) => misuse.kind === 'family') ? world.handedOver : null;
    const server = given === null ? null : world.process.serves(given.address);
    try {
      const result = act(world);
      if (server !== null && given !== null)
        this.hasStray ||= !isHome(result.world.process, server, given);
      if (keepsAll) {
        const notes = [...misuses, ...result.notes, ...damageNotes(before, result.world)];
        const told = `${title}${effectText(result.effect)}`;
        this.#push({ kind, step, title: told, notes, fault: null }, result.world);
      } else {
        this.#push({ kind, step, title, notes: [], fault: null }, result.world);
      }
    } catch (error) {
      const end = endOf(error, title, { world, history: keepsAll ? this.worlds : [] });
      this.ending = end.ending;
      this.alternatives = end.alternatives;
      const notes = [...misuses, ...world.process.takeNotes(), ...end.notes];
      this.#push({ kind, step, title: end.title, notes, fault: end.fault }, world);
    }
  }

  #push(frame: Frame, world: World): void {
    this.frames.push(frame);
    this.worlds.push(world);
    this.world = world;
  }
}

function effectText(effect: StepResult['effect']): string {
  const text = typeof effect === 'string' ? effect : effect();
  return text === '' ? '' : `: ${text}`;
}

interface End {
  readonly title: string;
  readonly notes: readonly string[];
  readonly fault: Fault | null;
  readonly ending: Exclude<Ending, 'ran on'>;
  readonly alternatives: readonly Alternative[];
}

/** Rethrows what is no end of a process. */
function endOf(error: unknown, title: string, moments: Omit<Death, 'death'>): End {
  const { world, history } = moments;
  const none = { fault: null, alternatives: [] } as const;
  if (error instanceof ProcessDeath) {
    const { signal, text } = error;
    const evidence = history.length === 0 ? null : evidenceOf({ ...moments, death: error });
    const fault = { signal, text, reason: sentence(error.reason), evidence };
    const told = evidence === null ? [] : [evidence.plain];
    const alternatives = alternativesOf(error, world);
    const notes = [fault.reason, ...told, ...alternatives.map((each) => each.text)];
    const dies = `${title}: the process dies (${signal})`;
    return { title: dies, notes, fault, ending: 'died', alternatives };
  }
  if (error instanceof EndlessLoop) {
    const notes = [sentence(error.message)];
    return { ...none, title: `${title}: the process hangs`, notes, ending: 'hung' };
  }
  if (error instanceof UnmodelledAccess) {
    const notes = [
      sentence(`the outcome depends on memory that is not modelled: ${error.message}`),
    ];
    return { ...none, title: `${title}: the outcome is undetermined`, notes, ending: 'unknown' };
  }
  throw error;
}

function sentence(text: string): string {
  // The name of a function keeps its case.
  const start = /^\w+\(\)/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return start.endsWith('.') ? start : `${start}.`;
}
