// Where a block lies as a memory checker sees it. AddressSanitizer and Valgrind follow the C library's heap: a
// block of pymalloc is bytes of a mapping to them, and what the hooks or the collector put before a block is part
// of the chunk. Read from the replayed process.
import type { Family, Heap } from './families.ts';
import type { Step } from './flagged-path.ts';
import { heapOf } from './modelled-heap.ts';
import { REALLOCATORS } from './op-script.ts';
import type { Tool } from './tool-finding.ts';
import type { TrackedBlock } from './tracked-block.ts';
import { decoration, GC_HEADER } from './tracked-block.ts';
import { isHooked, type World } from './world.ts';

export type ToolPlace =
  | {
      readonly kind: 'chunk';
      /** Bytes that malloc() was asked for. */
      readonly size: number;
      /** The source does not fix the size. */
      readonly isChosen: boolean;
      /** Bytes from its start to the program's pointer. */
      readonly before: number;
    }
  /** In a pool of pymalloc, which lies in a mapping. `before`: as in a chunk, from the block of the pool. */
  | { readonly kind: 'pool'; readonly before: number }
  | { readonly kind: 'stack' | 'static' }
  /** Of a library whose heap no tool was watched with. */
  | { readonly kind: 'unknown' };

/** What the blocks of every other family do under a tool was not measured. */
const MEASURED: readonly Family[] = [
  'libc',
  'py-raw',
  'py-mem',
  'py-object',
  'py-object-instance',
  'py-gc-object',
  'numpy-array',
  'numpy-dim',
];

/** What each layer of hooks adds. */
const HOOKS = decoration('raw', true);

export function isMeasured(family: Family): boolean {
  return MEASURED.includes(family);
}

/** `made`: the step that made the block. `world`: the one right after it. */
export function toolPlaceOf(
  block: TrackedBlock,
  { made, world, tool }: { readonly made: Step; readonly world: World; readonly tool: Tool },
): ToolPlace {
  if (block.family === 'stack' || block.family === 'static') return { kind: block.family };
  if (!isMeasured(block.family) || block.heap === null) return { kind: 'unknown' };
  const server = world.process.serves(block.address);
  if (server.allocator === 'none') return { kind: 'unknown' };
  const before = block.address - server.block;
  if (server.allocator === 'pymalloc') return { kind: 'pool', before };
  const collector = block.heap === 'gc' ? GC_HEADER : 0;
  const layers = (before - collector) / HOOKS.before;
  const size = block.size + collector + layers * (HOOKS.before + HOOKS.after);
  // CPython asks for no 0 bytes, and AddressSanitizer takes malloc(0) for malloc(1).
  const least = block.heap === 'libc' && tool === 'valgrind' ? 0 : 1;
  const isChosen = 'size' in made && made.size.chosen;
  return { kind: 'chunk', size: Math.max(least, size), isChosen, before };
}

/**
 * The function of the C library in which a tool sees a call. `from`: where the block that it resizes lies; null:
 * it resizes none. CPython 3.11 Objects/obmalloc.c: pymalloc_realloc and _PyMem_DebugRawRealloc.
 */
export function watchedCall(
  step: Extract<Step, { readonly api: string }>,
  {
    world,
    from,
    tool,
  }: { readonly world: World; readonly from: ToolPlace | null; readonly tool: Tool },
): string {
  if (step.kind === 'free') return step.family === 'libc' ? step.api : 'free';
  const isResize = step.kind === 'realloc' || Object.hasOwn(REALLOCATORS, step.api);
  const isNew = isResize && from === null;
  // Its realloc() of NULL is its malloc().
  if (isNew && tool === 'valgrind') return 'malloc';
  if (step.family === 'libc') return step.api;
  if (!isResize) return step.kind === 'alloc' && step.zeroed ? 'calloc' : 'malloc';
  const heap = heapOf(step.family) ?? 'libc';
  const isOfPymalloc = isPymalloc(heap, world) && (isNew || from?.kind === 'pool');
  return isOfPymalloc || (isNew && isBehindHooks(heap, world)) ? 'malloc' : 'realloc';
}

/** Bytes between the pointer of the program and the one that the heap's own function works on. */
export function headerOf(heap: Heap): number {
  return decoration(heap, false).before;
}

/** Whether the debug hooks stand before the functions of this heap. */
export function isBehindHooks(heap: Heap, world: World): boolean {
  return heap !== 'libc' && isHooked(world);
}

/** Whether pymalloc decides what becomes of a pointer given to this heap. */
export function isPymalloc(heap: Heap, world: World): boolean {
  return heap !== 'libc' && heap !== 'raw' && world.process.pymalloc !== null;
}
