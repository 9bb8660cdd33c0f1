// Op scripts: a line per allocator call, for tests and for comparing with a real process. The text names
// functions of C; which heap each belongs to is the table below.
import type { Heap } from './families.ts';
import type { AlignmentRule } from './ptmalloc/memalign.ts';
import { word, type Word } from './word.ts';

export type Op =
  | {
      readonly kind: 'alloc';
      readonly slot: string;
      readonly api: string;
      readonly size: number;
      /** Repeated until the block is the first of a pool. */
      readonly fresh: boolean;
    }
  | {
      readonly kind: 'realloc';
      readonly slot: string;
      readonly api: string;
      /** null: NULL. */
      readonly from: string | null;
      readonly size: number;
    }
  | {
      readonly kind: 'aligned';
      readonly slot: string;
      readonly api: string;
      readonly alignment: number;
      readonly size: number;
    }
  /** malloc_trim */
  | { readonly kind: 'trim'; readonly from: null; readonly pad: number }
  | { readonly kind: 'at'; readonly slot: string; readonly from: string; readonly offset: number }
  | { readonly kind: 'free'; readonly api: string; readonly from: string }
  /** PyEval_SaveThread, PyEval_RestoreThread. */
  | { readonly kind: 'detach' | 'attach'; readonly from: null }
  | { readonly kind: 'track' | 'untrack' | 'usable' | 'blocks'; readonly from: string }
  | {
      readonly kind: 'write';
      readonly from: string;
      readonly offset: number;
      readonly length: number;
      readonly byte: number;
    }
  | {
      readonly kind: 'poke';
      readonly from: string;
      readonly offset: number;
      readonly value: Word;
    }
  | { readonly kind: 'peek'; readonly from: string; readonly offset: number }
  /** A checksum of the bytes from `offset`. */
  | {
      readonly kind: 'sum';
      readonly from: string;
      readonly offset: number;
      readonly length: number;
    }
  | {
      readonly kind: 'asobject';
      readonly from: string;
      readonly size: number;
      readonly gc: boolean;
    };

interface AllocApi {
  readonly heap: Heap;
  readonly zeroed: boolean;
  /** What the call writes into the block besides. */
  readonly content: 'none' | 'string' | 'object';
}

export const ALLOCATORS: Readonly<Record<string, AllocApi>> = {
  malloc: { heap: 'libc', zeroed: false, content: 'none' },
  calloc: { heap: 'libc', zeroed: true, content: 'none' },
  strdup: { heap: 'libc', zeroed: false, content: 'string' },
  PyMem_RawMalloc: { heap: 'raw', zeroed: false, content: 'none' },
  PyMem_RawCalloc: { heap: 'raw', zeroed: true, content: 'none' },
  PyMem_Malloc: { heap: 'mem', zeroed: false, content: 'none' },
  PyMem_Calloc: { heap: 'mem', zeroed: true, content: 'none' },
  PyObject_Malloc: { heap: 'obj', zeroed: false, content: 'none' },
  PyObject_Calloc: { heap: 'obj', zeroed: true, content: 'none' },
  PyObject_New: { heap: 'obj', zeroed: false, content: 'object' },
  PyObject_GC_New: { heap: 'gc', zeroed: false, content: 'none' },
};

/** By what each demands of an alignment: nothing, a power of 2, or one that holds a pointer. */
export const ALIGNED_ALLOCATORS: Readonly<Record<string, AlignmentRule>> = {
  memalign: 'any',
  aligned_alloc: 'power of 2',
  posix_memalign: 'of a pointer',
};

export const REALLOCATORS: Readonly<Record<string, Heap>> = {
  realloc: 'libc',
  PyMem_RawRealloc: 'raw',
  PyMem_Realloc: 'mem',
  PyObject_Realloc: 'obj',
};

export const DEALLOCATORS: Readonly<Record<string, Heap>> = {
  free: 'libc',
  PyMem_RawFree: 'raw',
  PyMem_Free: 'mem',
  PyObject_Free: 'obj',
  PyObject_Del: 'obj',
  PyObject_GC_Del: 'gc',
};

/** The ops of a script, one per line that is not empty or a comment; throws Error on a line it cannot read. */
export function parseOps(lines: readonly string[]): readonly Op[] {
  return lines
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map(parseOp);
}

function parseOp(line: string): Op {
  const words = line.split(/\s+/);
  const op = words[1] === '=' ? parseAssignment(words) : parseCall(words);
  if (op === null) throw new Error(`not an op: ${line}`);
  return op;
}

function parseAssignment([slot = '', , ...call]: readonly string[]): Op | null {
  const fresh = call[0] === 'fresh';
  const [api = '', ...rest] = fresh ? call.slice(1) : call;
  if (Object.hasOwn(ALLOCATORS, api)) {
    // calloc takes one size, or a count and a size.
    const size = rest.map(number).reduce((product, factor) => product * factor, 1);
    return rest.length === 0 ? null : { kind: 'alloc', slot, api, size, fresh };
  }
  const [from, operand] = rest;
  if (from === undefined || operand === undefined) return null;
  if (Object.hasOwn(ALIGNED_ALLOCATORS, api))
    return { kind: 'aligned', slot, api, alignment: number(from), size: number(operand) };
  if (api === 'at') return { kind: 'at', slot, from, offset: number(operand) };
  if (!Object.hasOwn(REALLOCATORS, api)) return null;
  const source = from === 'NULL' ? null : from;
  return { kind: 'realloc', slot, api, from: source, size: number(operand) };
}

function parseCall([name = '', from = '', ...rest]: readonly string[]): Op | null {
  const [first = '0', second = '0', third = '0'] = rest;
  if (Object.hasOwn(DEALLOCATORS, name)) return { kind: 'free', api: name, from };
  switch (name) {
    case 'detach':
    case 'attach':
      return { kind: name, from: null };
    case 'malloc_trim':
      return { kind: 'trim', from: null, pad: number(first) };
    case 'track':
    case 'untrack':
    case 'usable':
    case 'blocks':
      return { kind: name, from };
    case 'write': {
      const [offset, length, byte] = [number(first), number(second), number(third)];
      return { kind: 'write', from, offset, length, byte };
    }
    case 'poke':
      return { kind: 'poke', from, offset: number(first), value: word64(second) };
    case 'peek':
      return { kind: 'peek', from, offset: number(first) };
    case 'sum':
      return { kind: 'sum', from, offset: number(first), length: number(second) };
    case 'asobject':
      return { kind: 'asobject', from, size: number(first), gc: second === '1' || second === 'gc' };
    default:
      return null;
  }
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`not a number: ${text}`);
  return value;
}

function word64(text: string): Word {
  return word(BigInt(text));
}
