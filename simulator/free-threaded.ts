// What a mix-up does in a free-threaded build of CPython 3.13 and 3.14, as measured on 3.13: rules, not a
// heap. There PyMem and PyObject serve every request, of any size, from mimalloc, and objects have no
// collector's header before them; PyMem_Raw is the C library's as ever. Modelled is which allocator meets
// whose block. Not modelled are mimalloc's pages and lists: where a block lies, what is handed out next, what
// a write past its end hits. Under the debug hooks these run first, as in any build. Follows mimalloc 2.1,
// src/alloc.c, mi_free, as CPython 3.13 builds it.
import type { Heap } from './families.ts';
import type { FlaggedPath, Step } from './flagged-path.ts';
import { heapOf } from './modelled-heap.ts';

export type FreeThreadedEnd =
  /** the allocator that the block came from has it back */
  | 'harmless'
  /** mimalloc looks for the segment around an address that lies in none */
  | 'SIGSEGV'
  /** the C library takes the 8 bytes before the block for a size; they are mostly zero */
  | 'invalid pointer';

type Allocator = 'mimalloc' | 'the C library';

/** How a block of the one heap ends that goes to a release function of the other; null: not measured. */
export function freeThreadedEnd(block: Heap, release: Heap): FreeThreadedEnd | null {
  const [from, to] = [allocatorOf(block), allocatorOf(release)];
  // PyObject_GC_Del reads the type of what it is given: only an object has one.
  if (release === 'gc' && block !== 'gc') return null;
  if (from === to) return 'harmless';
  return to === 'mimalloc' ? 'SIGSEGV' : 'invalid pointer';
}

function allocatorOf(heap: Heap): Allocator {
  switch (heap) {
    case 'libc':
    case 'raw':
      return 'the C library';
    case 'mem':
    case 'obj':
    case 'gc':
      return 'mimalloc';
  }
}

/** What the flagged release would do there, as a sentence; null when it mixes no heaps, or nobody knows. */
export function freeThreadedText({ steps, fault }: FlaggedPath): string | null {
  const step = steps[fault];
  if (step === undefined || (step.kind !== 'free' && step.kind !== 'realloc')) return null;
  const source = steps.findLast(
    (each, index): each is Source => index < fault && makes(each, step),
  );
  const block = source === undefined ? null : heapOf(source.family);
  const release = heapOf(step.family);
  if (block === null || release === null || block === release) return null;
  const end = freeThreadedEnd(block, release);
  return end === null
    ? null
    : `In a free-threaded build, which is not replayed, ${TEXTS[end](step)}`;
}

type Source = Extract<Step, { kind: 'alloc' | 'realloc' }>;
type Release = Extract<Step, { kind: 'free' | 'realloc' }>;

function makes(step: Step, { block }: Release): boolean {
  return (
    (step.kind === 'alloc' && step.block === block) ||
    (step.kind === 'realloc' && step.into === block)
  );
}

const TEXTS: Readonly<Record<FreeThreadedEnd, (release: Release) => string>> = {
  harmless: ({ api }) => `${api} ends in the block's own allocator: nothing shows.`,
  SIGSEGV: ({ api }) =>
    `${api} ends in SIGSEGV: mimalloc reads the start of the 32 MiB around the block, which is not mapped.`,
  'invalid pointer': ({ api, kind }) =>
    `${api} takes the 8 bytes before the block, which mimalloc left as they were, for a size: mostly "${kind === 'free' ? 'free' : 'realloc'}(): invalid pointer".`,
};
