// Follows a replayed path as a memory checker would, up to the first thing that it has to say. Up to there all
// that the C library was asked for was in order, so that the tool's own heap holds the same blocks.
import type { BlockId, FlaggedPath, Step } from './flagged-path.ts';
import { familyFacts, type Heap } from './families.ts';
import { releaseHeap, heapOf } from './modelled-heap.ts';
import type { PathRun } from './run-path.ts';
import type { Frame } from './timeline.ts';
import { findBlock, isLive, type TrackedBlock } from './tracked-block.ts';
import type { ReleaseTarget, Tool, ToolFinding } from './tool-finding.ts';
import {
  headerOf,
  isBehindHooks,
  isMeasured,
  isPymalloc,
  type ToolPlace,
  toolPlaceOf,
} from './tool-heap.ts';
import type { World } from './world.ts';

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;

interface Known {
  readonly place: ToolPlace;
  readonly made: Step;
  released: Step | null;
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
      const found = this.#step(step, before) ?? (isLast ? this.#endOf(frame, step) : null);
      if (found !== null) return found;
      this.#remember(step, after);
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
        if (!isLive(block) || moved !== 0)
          this.#silent.add(
            'to the tool a pool of pymalloc is plain memory, and pymalloc does not check; what comes of it later is in the replay',
          );
        else if (block.heap !== heap)
          this.#silent.add(
            `${block.api} and ${step.api} both end in pymalloc here: no heap is mixed up`,
          );
        return null;
      }
      if (this.#tool === 'valgrind' && READS_THE_PAGE.includes(world.process.target.python))
        return {
          kind: 'unknown',
          why: `before CPython 3.10 pymalloc reads the start of the page to see whose a pointer is; what the tool says to that was not measured`,
        };
    }
    const target = targetOf(step, pointer);
    if (target === null) {
      if (block.heap !== heap)
        this.#silent.add(
          `${block.api} and ${step.api} end in malloc() and free() here: no heap is mixed up`,
        );
      return null;
    }
    if (target.kind === 'unknown')
      return unmodelled('a pointer before a block, or into a released one,');
    if (target.kind === 'static' && target.name === null && this.#tool === 'asan')
      return {
        kind: 'unknown',
        why: 'the path does not tell a variable from a string literal; of a variable it says bad-free, at a literal, which it cannot write to, it dies of SIGSEGV itself',
      };
    const call = step.kind === 'free' ? 'free' : 'realloc';
    return { kind: 'bad release', at: step, call, target, history: historyOf(known) };
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
          history: historyOf(known),
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
    if (block === undefined || known === undefined || block.address === 0) return null;
    const { place } = known;
    if (place.kind === 'unknown') return unmodelled(familyFacts(block.family).label);
    const size = step.size.chosen ? null : step.size.bytes;
    const offset = step.offset.chosen ? null : step.offset.bytes;
    const isInside = offset === null || (offset >= 0 && offset + step.size.bytes <= block.size);
    if (isLive(block) && isInside) return null;
    if (place.kind === 'pool') {
      this.#silent.add(
        'to the tool a pool of pymalloc is plain memory, every byte of which may be used',
      );
      return null;
    }
    if (place.kind !== 'chunk') return unmodelled('an access beside a variable');
    const inChunk = offset === null ? null : place.before + offset;
    if (isLive(block) && inChunk !== null) {
      if (inChunk >= 0 && inChunk + step.size.bytes <= place.size) {
        this.#silent.add(
          'what lies beyond the block belongs to the debug hooks, in the same chunk of malloc()',
        );
        return null;
      }
      if (inChunk < place.size && inChunk + step.size.bytes > 0)
        return unmodelled('an access that is half inside a block');
    }
    return {
      kind: 'bad access',
      at: step,
      access: step.kind,
      size,
      chunk: place,
      offset: inChunk,
      isFreed: !isLive(block),
      history: historyOf(known),
    };
  }

  #leak(world: World | undefined): ToolFinding | null {
    for (const block of world?.blocks ?? []) {
      if (block.lifecycle.kind !== 'lost' || block.owner !== 'path') continue;
      const known = this.#known.get(block.id);
      if (known === undefined || known.place.kind === 'unknown')
        return unmodelled(familyFacts(block.family).label);
      if (known.place.kind === 'chunk')
        return { kind: 'leak', chunk: known.place, history: historyOf(known) };
      if (known.place.kind === 'pool')
        this.#silent.add(
          'the lost block lies in a pool of pymalloc, which is still in use; PYTHONMALLOC=malloc gives it a block of its own',
        );
    }
    return null;
  }

  #remember(step: Step, after: World): void {
    const id = madeBy(step);
    if (step.kind === 'free' || (step.kind === 'realloc' && step.outcome === 'ok')) {
      const known = this.#known.get(step.block);
      if (known !== undefined) known.released = step;
    }
    const block = id === null ? undefined : findBlock(after.blocks, id);
    if (id === null || block === undefined) return;
    const place: ToolPlace = block.address === 0 ? { kind: 'unknown' } : toolPlaceOf(block, after);
    this.#known.set(id, { place, made: step, released: null });
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

/** address_in_range() looked for the pool's header; from 3.10 on it asks a radix tree. */
const READS_THE_PAGE: readonly string[] = ['3.8', '3.9'];

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

function historyOf({ made, released }: Known): {
  readonly made: Step;
  readonly released: Step | null;
} {
  return { made, released };
}

function unmodelled(what: string): ToolFinding {
  return { kind: 'unknown', why: `what the tool says of ${what} was not measured` };
}
