// Where a block lies as a memory checker sees it. AddressSanitizer and Valgrind follow the C library's heap: a
// block of pymalloc is bytes of a mapping to them, and what the hooks or the collector put before a block is part
// of the chunk. Read from the replayed process.
import type { Family, Heap } from './families.ts';
import type { TrackedBlock } from './tracked-block.ts';
import { decoration, GC_HEADER } from './tracked-block.ts';
import { isHooked, type World } from './world.ts';

export type ToolPlace =
  /** Of malloc(). `size`: bytes that malloc() was asked for. `before`: from its start to the program's pointer. */
  | { readonly kind: 'chunk'; readonly size: number; readonly before: number }
  /** In a pool of pymalloc, which lies in a mapping. */
  | { readonly kind: 'pool' }
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

/** What each layer of hooks adds: a header of 16 bytes, 8 bytes behind. */
const HOOKS = { before: 16, around: 24 } as const;

export function isMeasured(family: Family): boolean {
  return MEASURED.includes(family);
}

/** `world`: the one right after the block was made. */
export function toolPlaceOf(block: TrackedBlock, world: World): ToolPlace {
  if (block.family === 'stack' || block.family === 'static') return { kind: block.family };
  if (!isMeasured(block.family) || block.heap === null) return { kind: 'unknown' };
  const server = world.process.serves(block.address);
  if (server.allocator === 'none') return { kind: 'unknown' };
  if (server.allocator === 'pymalloc') return { kind: 'pool' };
  const before = block.address - server.block;
  const collector = block.heap === 'gc' ? GC_HEADER : 0;
  const layers = (before - collector) / HOOKS.before;
  return {
    kind: 'chunk',
    size: Math.max(1, block.size + collector + layers * HOOKS.around),
    before,
  };
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
