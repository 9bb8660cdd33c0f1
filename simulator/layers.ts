// The layers of Python's memory manager that a request goes through: object-specific allocator, domain, debug
// hooks, pymalloc or malloc, operating system. Reads the structures of a recorded moment.
import { structuresOf } from './structures.ts';
import { isPlaced, type TrackedBlock } from './tracked-block.ts';
import { isHooked, isObject, type World } from './world.ts';

const DOMAINS = { raw: 'raw domain', mem: 'mem domain', obj: 'object domain' } as const;

/** Empty for memory that no allocator handed out. */
export function layersOf(world: World, block: TrackedBlock): readonly string[] {
  const { heap } = block;
  if (heap === null || !isPlaced(block)) return [];
  const { allocator } = structuresOf(world).serves(block.address);
  const domain = heap === 'libc' ? null : DOMAINS[heap === 'gc' ? 'obj' : heap];
  return [
    // Types of an extension have no free list of their own, unlike float, tuple, list and dict.
    ...(isObject(block) ? ['no free list'] : []),
    ...(heap === 'gc' ? ["collector's header"] : []),
    ...(domain === null ? [] : [domain]),
    ...(domain !== null && isHooked(world) ? ['debug hooks'] : []),
    ...SERVED[allocator],
  ];
}

const SERVED = {
  pymalloc: ['pymalloc', 'arena', 'mmap'],
  ptmalloc: ['malloc', 'heap', 'brk'],
  mmap: ['malloc', 'mmap'],
  none: [],
} as const;
