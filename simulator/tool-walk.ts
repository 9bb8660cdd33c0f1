// Follows a replayed path as a memory checker would, up to the first thing that it has to say. Up to there all
// that the C library was asked for was in order, so that the tool's own heap holds the same blocks.
import type { BlockId, FlaggedPath, Step } from './flagged-path.ts';
import { familyFacts, type Heap } from './families.ts';
import { releaseHeap, heapOf } from './modelled-heap.ts';
import type { PathRun } from './run-path.ts';
import type { Frame } from './timeline.ts';
import { findBlock, isLive, type TrackedBlock } from './tracked-block.ts';
import type { History, ReleaseTarget, Tool, ToolFinding } from './tool-finding.ts';
import {
  headerOf,
  isBehindHooks,
  isMeasured,
  isPymalloc,
  type ToolPlace,
  toolPlaceOf,
  watchedCall,
} from './tool-heap.ts';
import type { World } from './world.ts';

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;

interface Known extends History {
  readonly place: ToolPlace;
}

/** `run`: with every frame. */
export function toolFinding(path: FlaggedPath, run: PathRun, tool: Tool): ToolFinding {
  return new Walk(path, run, tool).finding();
}

class Walk {
  readonly #path: FlaggedPath;
  readonly #run: PathRun;
  readonly #tool: Tool;
  readonly #known = new Map<BlockId, Known>();
  readonly #silent = new Set<string>();

  constructor(path: FlaggedPath, run: PathRun, tool: Tool) {
    this.#path = path;
    this.#run = run;
    this.#tool = tool;
  }

  finding(): ToolFinding {
    const { frames, worlds } = this.#run.recorder;
    let last = worlds[0];
    for (const [index, frame] of frames.entries()) {
      const step = frame.step === null ? undefined : this.#path.steps[frame.step];
      const [before, after] = [worlds[index - 1], worlds[index]];
      if (step === undefined || before === undefined || after === undefined) continue;
      const isLast = index === frames.length - 1;
      const said = this.#step(step, before);
      const ended =
        isLast && (said === null || said.kind === 'nothing') ? this.#endOf(frame, step) : null;
      const found = ended ?? said ?? this.#misused(index);
      if (found?.kind === 'nothing') for (const why of found.why) this.#silent.add(why);
      else if (found !== null) return found;
      this.#remember(step, before, after);
      last = after;
    }
    return (
      this.#leak(last) ?? {
        kind: 'nothing',
        why: this.#silent.size > 0 ? [...this.#silent] : ['every call is in order'],
      }
    );
  }

  #step(step: Step, world: World): ToolFinding | null {
    switch (step.kind) {
      case 'free':
        return this.#release(step, world, step.offset);
      case 'realloc':
        return step.outcome === 'ok' ? this.#release(step, world, 0) : null;
      case 'read':
      case 'write':
        return this.#access(step, world);
      case 'alloc':
      case 'place':
      case 'enter':
      case 'leave':
      case 'branch':
      case 'assign':
      case 'escape':
      case 'return':
      case 'drop':
      case 'thread-state':
        return null;
    }
  }

  /** The tool had nothing to say, and the replayed process came to an end all the same. */
  #endOf({ fault }: Frame, at: Step): ToolFinding | null {
    if (fault !== null)
      return { kind: 'stopped', at, why: `as replayed: ${fault.reason}`, signal: fault.signal };
    if (this.#run.recorder.ending === 'ran on') return null;
    return { kind: 'unknown', why: 'the replay cannot tell how this step ends' };
  }

  /** What is wrong with a step that nothing was told of; null: it is in order. */
  #misused(frame: number): ToolFinding | null {
    const misuses = this.#run.recorder.misuses.get(frame) ?? [];
    if (misuses.length === 0) return null;
    const why = misuses.map(({ text }) => text.replace(/\.$/, ''));
    if (misuses.every(({ kind }) => kind === 'no thread state')) return { kind: 'nothing', why };
    return unmodelled(`this mistake: ${why.join('; ')}`);
  }

  #release(step: StepOf<'free' | 'realloc'>, world: World, moved: number): ToolFinding | null {
    const block = findBlock(world.blocks, step.block);
    if (block === undefined) return unmodelled(step.block);
    if (block.address === 0 && block.heap !== null) return null;
    const known = this.#known.get(step.block);
    const heap =
      step.kind === 'free' ? releaseHeap(step.family, block.family) : heapOf(step.family);
    if (heap === null || !isMeasured(step.family))
      return unmodelled(familyFacts(step.family).label);
    if (known === undefined || known.place.kind === 'unknown')
      return unmodelled(familyFacts(block.family).label);
    const pointer = { block, known, heap, moved };
    if (isBehindHooks(heap, world)) return this.#behindHooks(step, world, pointer);
    return this.#reaches(step, world, pointer);
  }

  /** No hooks: pymalloc or free() itself gets the pointer. */
  #reaches(step: StepOf<'free' | 'realloc'>, world: World, pointer: Pointer): ToolFinding | null {
    const { block, known, heap, moved } = pointer;
    const { place } = known;
    if (isPymalloc(heap, world)) {
      if (place.kind === 'pool') {
        if (!isLive(block) || moved !== 0 || place.before !== headerOf(heap))
          return silent(
            'to the tool a pool of pymalloc is plain memory, and pymalloc does not check; what comes of it later is in the replay',
          );
        if (block.heap === heap) return null;
        return silent(
          `${block.api} and ${step.api} both end in pymalloc here: no heap is mixed up`,
        );
      }
      if (this.#tool === 'valgrind' && world.process.pymalloc?.cpython.arenaMap === null)
        return {
          kind: 'unknown',
          why: `before CPython 3.10 pymalloc reads the start of the page to see whose a pointer is; what the tool says to that was not measured`,
        };
    }
    const target = targetOf(step, pointer);
    if (target === null) {
      if (block.heap === heap) return null;
      return silent(
        `${block.api} and ${step.api} end in malloc() and free() here: no heap is mixed up`,
      );
    }
    if (target.kind === 'unknown')
      return unmodelled('a pointer before a block, or into a released one');
    if (target.kind === 'static' && target.name === null && this.#tool === 'asan')
      return {
        kind: 'unknown',
        why: 'the path does not tell a variable from a string literal; of a variable it says bad-free, at a literal, which it cannot write to, it dies of SIGSEGV itself',
      };
    const call = watchedCall(step, { world, from: place, tool: this.#tool });
    return { kind: 'bad release', at: step, call, target, history: known };
  }

  #behindHooks(
    step: StepOf<'free' | 'realloc'>,
    world: World,
    { block, known, heap, moved }: Pointer,
  ): ToolFinding | null {
    const { place } = known;
    const isWhole = isLive(block) && moved === 0;
    // A dropped reference to an object ends in the function of its own heap.
    if (isWhole && block.heap === heap) return null;
    const signed = block.heap !== null && block.heap !== 'libc' && block.heap !== 'gc';
    if (isWhole && signed && heap !== 'gc' && isBehindHooks(block.heap ?? 'libc', world))
      return {
        kind: 'stopped',
        at: step,
        why: `${step.api} finds the header of another domain, and the debug hooks abort with their own report`,
        signal: 'SIGABRT',
      };
    if (place.kind === 'chunk' && (moved === 0 || !isLive(block))) {
      // The letter of the API is the first byte that is looked at.
      const offset = place.before + moved - headerOf(heap) - 8;
      const isFreed = !isLive(block);
      if (this.#tool === 'valgrind' && (isFreed || offset < 0))
        return {
          kind: 'hooks look',
          at: step,
          chunk: place,
          offset,
          isFreed,
          history: known,
        };
    }
    return {
      kind: 'stopped',
      at: step,
      why: `the debug hooks of ${step.api} do not find their header before the block and print their own report`,
      signal: null,
    };
  }

  #access(step: StepOf<'read' | 'write'>, world: World): ToolFinding | null {
    const block = findBlock(world.blocks, step.block);
    const known = this.#known.get(step.block);
    if (block === undefined || known === undefined) return unmodelled(step.block);
    if (block.address === 0 && block.heap !== null) return null;
    const { place } = known;
    if (place.kind === 'unknown') return unmodelled(familyFacts(block.family).label);
    const length = step.size.bytes;
    const isInside = step.offset.bytes >= 0 && step.offset.bytes + length <= block.size;
    if (isLive(block) && isInside) return null;
    if (place.kind === 'pool')
      return silent(
        'to the tool a pool of pymalloc is plain memory, every byte of which may be used',
      );
    if (place.kind !== 'chunk') return unmodelled('an access beside a variable');
    const offset = step.offset.chosen ? null : place.before + step.offset.bytes;
    if (isLive(block)) {
      if (offset === null)
        return unmodelled('an access that leaves the block where the source does not fix it');
      if (offset >= 0 && offset + length <= place.size)
        return silent('the access leaves the block, but not the chunk of malloc() that it lies in');
      if (offset < place.size && offset + length > 0)
        return unmodelled('an access that is half inside a block');
    }
    return {
      kind: 'bad access',
      at: step,
      access: step.kind,
      size: step.size.chosen ? null : length,
      chunk: place,
      offset,
      isFreed: !isLive(block),
      history: known,
    };
  }

  #watched(step: Step, before: World): string | null {
    if (!('api' in step)) return null;
    const old = step.kind === 'realloc' ? findBlock(before.blocks, step.block) : undefined;
    const place = old === undefined || old.address === 0 ? null : this.#known.get(old.id)?.place;
    return watchedCall(step, { world: before, from: place ?? null, tool: this.#tool });
  }

  #leak(world: World | undefined): ToolFinding | null {
    for (const block of world?.blocks ?? []) {
      if (block.lifecycle.kind !== 'lost' || block.owner !== 'path') continue;
      const known = this.#known.get(block.id);
      if (known === undefined || known.place.kind === 'unknown')
        return unmodelled(familyFacts(block.family).label);
      if (known.place.kind === 'chunk') return { kind: 'leak', chunk: known.place, history: known };
      if (known.place.kind === 'pool')
        this.#silent.add(
          'the lost block lies in a pool of pymalloc, which is still in use; PYTHONMALLOC=malloc gives it a block of its own',
        );
    }
    return null;
  }

  #remember(step: Step, before: World, after: World): void {
    if (step.kind === 'free' || (step.kind === 'realloc' && step.outcome === 'ok')) {
      const known = this.#known.get(step.block);
      const released = { step, watched: this.#watched(step, before) };
      if (known !== undefined) this.#known.set(step.block, { ...known, released });
    }
    const id = madeBy(step);
    const block = id === null ? undefined : findBlock(after.blocks, id);
    if (id === null || block === undefined) return;
    const about = { made: step, world: after, tool: this.#tool };
    const place: ToolPlace = block.address === 0 ? { kind: 'unknown' } : toolPlaceOf(block, about);
    const made = { step, watched: this.#watched(step, before) };
    this.#known.set(id, { place, made, released: null });
  }
}

interface Pointer {
  readonly block: TrackedBlock;
  readonly known: Known;
  /** Of the function that gets the pointer. */
  readonly heap: Heap;
  /** Bytes from the start of the block; where it is not 0, no more is known than that. */
  readonly moved: number;
}

/** null: free() is right to get it. */
function targetOf(
  step: StepOf<'free' | 'realloc'>,
  { block, known: { place }, heap, moved }: Pointer,
): ReleaseTarget | { readonly kind: 'unknown' } | null {
  if (place.kind === 'unknown') return place;
  const isFreed = !isLive(block);
  if (place.kind === 'static')
    return { kind: 'static', name: variableOf(block, step), offset: moved === 0 ? 0 : null };
  if (place.kind !== 'chunk') return { kind: place.kind };
  const offset = place.before - headerOf(heap);
  if (moved === 0 && offset === 0) return isFreed ? { kind: 'freed chunk', chunk: place } : null;
  if (isFreed || offset < 0) return { kind: 'unknown' };
  return { kind: 'inside chunk', chunk: place, offset: moved === 0 ? offset : null };
}

/** Storage without a name of its own goes by the pointer that is released. */
function variableOf(block: TrackedBlock, step: StepOf<'free' | 'realloc'>): string | null {
  const [name] = block.holders;
  if (step.kind === 'realloc' || name === undefined) return null;
  return name !== step.pointer && /^\w+$/.test(name) ? name : null;
}

function madeBy(step: Step): BlockId | null {
  if (step.kind === 'alloc' || step.kind === 'place') return step.block;
  return step.kind === 'realloc' && step.outcome === 'ok' ? step.into : null;
}

function silent(why: string): ToolFinding {
  return { kind: 'nothing', why: [why] };
}

function unmodelled(what: string): ToolFinding {
  return { kind: 'unknown', why: `it was not measured for ${what}` };
}
