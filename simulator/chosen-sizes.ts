// Other sizes for the blocks of a path whose size the source does not fix. What serves a block, and so how a
// mix of allocators ends, depends on it: pymalloc up to 512 bytes, the C library's heap above (Objects/obmalloc.c,
// SMALL_REQUEST_THRESHOLD), and mmap from 128 KiB on (malloc/malloc.c, DEFAULT_MMAP_THRESHOLD_MIN).
import type { FlaggedPath, Size, Step } from './flagged-path.ts';
import { isObjectFamily } from './world.ts';

/** In bytes: served by the C library even of PyMem_Malloc; given by mmap. */
export const OTHER_SIZES = [600, 200_000] as const;

/** The size that the path was given for want of a better one, in bytes; null: all are fixed, or are what it is about. */
export function chosenSize({ steps }: FlaggedPath): number | null {
  const bounds = new Map<string, number>();
  let first: number | null = null;
  for (const step of steps) {
    if (step.kind === 'alloc') bounds.set(step.block, step.size.bytes);
    if (step.kind === 'realloc') bounds.set(step.into, step.size.bytes);
    if (isChosen(step)) first ??= step.size.bytes;
    if (step.kind !== 'read' && step.kind !== 'write') continue;
    // A path out of bounds is about its sizes.
    const bound = bounds.get(step.block);
    if (bound !== undefined && step.offset.bytes + step.size.bytes > bound) return null;
  }
  return first;
}

/** `bytes`: at least those of `chosenSize`. A block that is resized gets twice as many. */
export function withChosenSize(path: FlaggedPath, bytes: number): FlaggedPath {
  const steps = path.steps.map((step): Step => {
    if (!isChosen(step)) return step;
    const size: Size = { ...step.size, bytes: step.kind === 'realloc' ? 2 * bytes : bytes };
    return { ...step, size };
  });
  return { ...path, steps };
}

/** A type has the size that it has. */
function isChosen(step: Step): step is Step & { kind: 'alloc' | 'realloc' } {
  return (
    (step.kind === 'alloc' || step.kind === 'realloc') &&
    step.size.chosen &&
    !isObjectFamily(step.family)
  );
}
