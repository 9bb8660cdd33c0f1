// What a mix-up does in a free-threaded build of CPython 3.13 and 3.14, as measured on 3.13: rules, not a
// heap. There PyMem and PyObject serve every request, of any size, from mimalloc, and objects have no
// collector's header before them; PyMem_Raw is the C library's as ever. Modelled is which allocator meets
// whose block. Not modelled are mimalloc's pages and lists: where a block lies, what is handed out next, what
// a write past its end hits. Under the debug hooks these run first, as in any build. Follows mimalloc 2.1,
// src/alloc.c, mi_free, as CPython 3.13 builds it.
import type { Heap } from './families.ts';
import type { FlaggedPath, Step } from './flagged-path.ts';
import type { End } from './judgment.ts';
import { heapOf } from './modelled-heap.ts';
import type { Target } from './target.ts';

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

/** The versions that have such a build, by the version with a GIL. */
export const FREE_THREADED = ['3.13', '3.14'] as const satisfies readonly Target['python'][];

/** How the flagged release ends there, and what decides; null when it mixes no heaps, or nobody knows. */
export function freeThreadedVerdict(
  path: FlaggedPath,
): { readonly end: End; readonly dependsOn: readonly string[] } | null {
  const found = mixUpOf(path);
  if (found === null) return null;
  const nothing = { signal: null, lastWords: '', who: null, after: 0 } as const;
  switch (found.end) {
    case 'harmless':
      return { end: { ...nothing, kind: 'harmless' }, dependsOn: [] };
    case 'SIGSEGV':
      return { end: { ...nothing, kind: 'dies here', signal: 'SIGSEGV' }, dependsOn: [] };
    case 'invalid pointer': {
      const lastWords = invalidPointer(found.step);
      return {
        end: { ...nothing, kind: 'dies here', signal: 'SIGABRT', lastWords },
        dependsOn: ['the bytes before the block'],
      };
    }
  }
}

/** What the flagged release would do there, as a sentence; null as for freeThreadedVerdict. */
export function freeThreadedText(path: FlaggedPath): string | null {
  const found = mixUpOf(path);
  return found === null
    ? null
    : `In a free-threaded build, which is not replayed, ${TEXTS[found.end](found.step)}`;
}

function mixUpOf({
  steps,
  fault,
}: FlaggedPath): { readonly end: FreeThreadedEnd; readonly step: Release } | null {
  const step = steps[fault];
  if (step === undefined || (step.kind !== 'free' && step.kind !== 'realloc')) return null;
  if (step.kind === 'free' && step.offset !== 0) return null;
  const before = steps.slice(0, fault);
  const made = before.findLastIndex((each) => makes(each, step));
  const source = before[made];
  if (source === undefined || (source.kind !== 'alloc' && source.kind !== 'realloc')) return null;
  if (source.outcome === 'null' || before.slice(made + 1).some((each) => gives(each, step)))
    return null;
  const threadState = before.findLast((each) => each.kind === 'thread-state');
  if (threadState?.attached === false) return null;
  const block = heapOf(source.family);
  const release = heapOf(step.family);
  if (block === null || release === null || block === release) return null;
  const end = freeThreadedEnd(block, release);
  return end === null ? null : { end, step };
}

type Release = Extract<Step, { kind: 'free' | 'realloc' }>;

function makes(step: Step, { block }: Release): boolean {
  return (
    (step.kind === 'alloc' && step.block === block) ||
    (step.kind === 'realloc' && step.into === block)
  );
}

/** Whether the block is given back earlier. */
function gives(step: Step, { block }: Release): boolean {
  return (step.kind === 'free' || step.kind === 'realloc') && step.block === block;
}

function invalidPointer({ kind }: Release): string {
  return `${kind === 'free' ? 'free' : 'realloc'}(): invalid pointer`;
}

const TEXTS: Readonly<Record<FreeThreadedEnd, (release: Release) => string>> = {
  harmless: ({ api }) => `${api} ends in the block's own allocator: nothing shows.`,
  SIGSEGV: ({ api }) =>
    `${api} ends in SIGSEGV: mimalloc reads the start of the 32 MiB around the block, which is not mapped.`,
  'invalid pointer': (step) =>
    `${step.api} takes the 8 bytes before the block, which mimalloc left as they were, for a size: mostly "${invalidPointer(step)}".`,
};
