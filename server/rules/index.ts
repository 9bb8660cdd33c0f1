// The list of rules, in the order in which the documentation shows them.
import { allocationWithoutThreadState } from './allocation-without-thread-state.ts';
import { allocatorSlotMismatch } from './allocator-slot-mismatch.ts';
import { apiResultMismatch } from './api-result-mismatch.ts';
import { borrowedFree } from './borrowed-free.ts';
import { doubleFree } from './double-free.ts';
import { interiorFree } from './interior-free.ts';
import { memoryLeak } from './memory-leak.ts';
import { mismatchedFree } from './mismatched-free.ts';
import { mismatchedRealloc } from './mismatched-realloc.ts';
import { missingMemoryError } from './missing-memory-error.ts';
import { objectDomainForBuffer } from './object-domain-for-buffer.ts';
import { missingGcUntrack } from './missing-gc-untrack.ts';
import { nonHeapFree } from './non-heap-free.ts';
import { objectFreedAsMemory } from './object-freed-as-memory.ts';
import { reallocLosesBlock } from './realloc-loses-block.ts';
import { resizeLosesBlock } from './resize-loses-block.ts';
import type { Rule } from './rule.ts';
import { sizeOverflow } from './size-overflow.ts';
import { uncheckedAllocation } from './unchecked-allocation.ts';
import { untrackedAllocation } from './untracked-allocation.ts';
import { useAfterFree } from './use-after-free.ts';

export const RULES: readonly Rule[] = [
  mismatchedFree,
  mismatchedRealloc,
  objectFreedAsMemory,
  allocatorSlotMismatch,
  missingGcUntrack,
  apiResultMismatch,
  borrowedFree,
  doubleFree,
  useAfterFree,
  nonHeapFree,
  interiorFree,
  uncheckedAllocation,
  memoryLeak,
  reallocLosesBlock,
  resizeLosesBlock,
  sizeOverflow,
  allocationWithoutThreadState,
  missingMemoryError,
  objectDomainForBuffer,
  untrackedAllocation,
];
