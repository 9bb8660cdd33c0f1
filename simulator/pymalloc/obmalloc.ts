// The mem and obj domains: pymalloc for up to 512 bytes, the raw domain for the rest. Follows CPython 3.11
// Objects/obmalloc.c, pymalloc_alloc, pymalloc_free, pymalloc_realloc, _PyObject_Malloc and its siblings.
import type { Domain } from '../domain.ts';
import { add, hex, product, type Word } from '../word.ts';
import { addressInRange } from './address-in-range.ts';
import { insertToFreepool } from './arena.ts';
import { allocateFromNewPool, allocateFromPool, index2size, insertToUsedpool } from './pool.ts';
import {
  ALIGNMENT_SHIFT,
  FREEBLOCK,
  NEXTPOOL,
  type Pymalloc,
  REF_COUNT,
  SMALL_REQUEST_THRESHOLD,
  SZIDX,
} from './pymalloc.ts';

export function pymallocDomain(pymalloc: Pymalloc): Domain {
  return {
    malloc: (bytes) => objectMalloc(pymalloc, bytes),
    calloc: (count, size) => objectCalloc(pymalloc, count, size),
    realloc: (pointer, bytes) => objectRealloc(pymalloc, pointer, bytes),
    free: (pointer) => objectFree(pymalloc, pointer),
  };
}

function objectMalloc(pymalloc: Pymalloc, bytes: Word): Word {
  const block = pymallocAlloc(pymalloc, bytes);
  if (block !== 0) return block;
  noteHandOn(pymalloc, bytes);
  const pointer = pymalloc.raw.malloc(bytes);
  if (pointer !== 0) pymalloc.raw_allocated_blocks += 1;
  return pointer;
}

function objectCalloc(pymalloc: Pymalloc, count: Word, size: Word): Word {
  const bytes = product(count, size);
  const block = pymallocAlloc(pymalloc, bytes);
  if (block !== 0) {
    pymalloc.memory.fill(block, Number(bytes), 0);
    return block;
  }
  noteHandOn(pymalloc, bytes);
  const pointer = pymalloc.raw.calloc(count, size);
  if (pointer !== 0) pymalloc.raw_allocated_blocks += 1;
  return pointer;
}

function objectRealloc(pymalloc: Pymalloc, pointer: Word, bytes: Word): Word {
  const { memory, journal } = pymalloc;
  if (pointer === 0) return objectMalloc(pymalloc, bytes);
  if (!addressInRange(pymalloc, pointer)) {
    journal.note(() => `No arena of pymalloc holds ${hex(pointer)}: the raw domain resizes it.`);
    return pymalloc.raw.realloc(pointer, bytes);
  }
  const size = index2size(memory.u32(add(pymalloc.poolAddress(pointer), SZIDX)));
  if (bytes <= size && 4 * Number(bytes) > 3 * size) {
    journal.note(
      () => `The pool of ${hex(pointer)} has blocks of ${size} bytes: it stays in place.`,
    );
    return pointer;
  }
  const moved = objectMalloc(pymalloc, bytes);
  if (moved === 0) return 0;
  memory.copy(moved, pointer, Number(bytes < size ? bytes : size));
  objectFree(pymalloc, pointer);
  return moved;
}

function objectFree(pymalloc: Pymalloc, pointer: Word): void {
  if (pointer === 0 || pymallocFree(pymalloc, pointer)) return;
  pymalloc.journal.note(
    () => `No arena of pymalloc holds ${hex(pointer)}: it goes to the raw domain.`,
  );
  pymalloc.raw.free(pointer);
  pymalloc.raw_allocated_blocks -= 1;
}

/** 0 when the request is not pymalloc's, or there is no memory for an arena. */
function pymallocAlloc(pymalloc: Pymalloc, bytes: Word): Word {
  const { memory } = pymalloc;
  if (bytes === 0 || bytes > SMALL_REQUEST_THRESHOLD) return 0;
  const index = (Number(bytes) - 1) >> ALIGNMENT_SHIFT;
  const pool = memory.u64(add(pymalloc.usedpoolsHead(index), NEXTPOOL));
  const block =
    pool === memory.u64(add(pool, NEXTPOOL))
      ? allocateFromNewPool(pymalloc, index)
      : allocateFromPool(pymalloc, pool, index);
  if (block !== 0) {
    pymalloc.journal.note(
      () =>
        `pymalloc took a block of ${index2size(index)} bytes at ${hex(block)}, the head of its pool's free list.`,
    );
  }
  return block;
}

/** False when the address is not pymalloc's. Nothing else is checked. */
function pymallocFree(pymalloc: Pymalloc, pointer: Word): boolean {
  const { memory } = pymalloc;
  if (!addressInRange(pymalloc, pointer)) return false;
  const pool = pymalloc.poolAddress(pointer);
  const lastfree = memory.u64(add(pool, FREEBLOCK));
  memory.setU64(pointer, lastfree);
  memory.setU64(add(pool, FREEBLOCK), pointer);
  const count = (memory.u32(add(pool, REF_COUNT)) - 1) >>> 0;
  memory.setU32(add(pool, REF_COUNT), count);
  pymalloc.journal.note(
    () =>
      `pymalloc put ${hex(pointer)} at the head of the free list of its pool (${index2size(memory.u32(add(pool, SZIDX)))}-byte blocks); it does not check where a block starts or whether it is in use.`,
  );
  if (lastfree === 0) insertToUsedpool(pymalloc, pool);
  else if (count === 0) insertToFreepool(pymalloc, pool);
  return true;
}

function noteHandOn(pymalloc: Pymalloc, bytes: Word): void {
  pymalloc.journal.note(
    () =>
      `${bytes} bytes are not between 1 and ${SMALL_REQUEST_THRESHOLD}, so pymalloc hands the request to the raw domain.`,
  );
}
