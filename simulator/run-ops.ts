// Plays an op script on a simulated process and reports what a caller can see: addresses in canonical form,
// and how it ended. A real process can be driven by the same script.
import { EndlessLoop, ProcessDeath, UnmodelledAccess } from './fault.ts';
import {
  ALIGNED_ALLOCATORS,
  ALLOCATORS,
  DEALLOCATORS,
  type Op,
  REALLOCATORS,
} from './op-script.ts';
import { bits, shiftRight, word, type Word } from './word.ts';
import type { Process } from './process.ts';

export interface Run {
  /** What each op that yields a value yielded: [index of the op, canonical text]. */
  readonly values: readonly (readonly [number, string])[];
  readonly end: 'exit' | 'abort' | 'segv' | 'unknown' | 'hang';
  readonly stderr: string;
  /** Index of the op at which it ended; the number of ops when all were done. */
  readonly lastOp: number;
}

export function runOps(process: Process, ops: readonly Op[]): Run {
  const values: [number, string][] = [];
  const slots = new Map<string, number>();
  const finish = (end: Run['end'], lastOp: number, stderr = ''): Run => ({
    values,
    end,
    stderr,
    lastOp,
  });
  for (const [index, op] of ops.entries()) {
    try {
      const value = runOp(process, op, slots);
      if (value !== null) values.push([index, value]);
    } catch (error) {
      if (error instanceof UnmodelledAccess) return finish('unknown', index);
      if (error instanceof EndlessLoop) return finish('hang', index);
      if (!(error instanceof ProcessDeath)) throw error;
      return finish(error.signal === 'SIGABRT' ? 'abort' : 'segv', index, error.text);
    }
  }
  return finish('exit', ops.length);
}

function runOp(process: Process, op: Op, slots: Map<string, number>): string | null {
  const bind = (slot: string, address: number): string => {
    slots.set(slot, address);
    return canonical(process, address);
  };
  if (op.kind === 'alloc') {
    let address = allocate(process, op.api, op.size);
    while (op.fresh && !isFirstOfPool(address)) address = allocate(process, op.api, op.size);
    return bind(op.slot, address);
  }
  if (op.kind === 'aligned') {
    const rule = ALIGNED_ALLOCATORS[op.api] ?? 'any';
    return bind(op.slot, process.allocAligned(op.size, { alignment: op.alignment, rule }));
  }
  const address = op.from === null ? 0 : (slots.get(op.from) ?? 0);
  switch (op.kind) {
    case 'realloc':
      return bind(op.slot, process.realloc(REALLOCATORS[op.api] ?? 'libc', address, op.size));
    case 'at':
      return bind(op.slot, address + op.offset);
    case 'free':
      process.free(DEALLOCATORS[op.api] ?? 'libc', address);
      return null;
    case 'write':
      process.fill(address + op.offset, op.length, op.byte);
      return null;
    case 'poke':
      process.write(address + op.offset, littleEndian(op.value));
      return null;
    case 'peek':
      return `peek ${littleEndianValue(process.read(address + op.offset, 8))}`;
    case 'sum':
      return `sum ${fnv1a(process.read(address + op.offset, op.length))}`;
    case 'usable':
      return `usable ${process.usableSize(address)}`;
    case 'detach':
    case 'attach':
      process.setThreadState({ attached: op.kind === 'attach' });
      return null;
    case 'trim':
      process.trim(op.pad);
      return null;
    case 'track':
      process.track(address);
      return null;
    case 'untrack':
      process.untrack(address);
      return null;
    case 'asobject':
      process.initObject(address, op.size, { gc: op.gc });
      return null;
    case 'blocks':
      return `count ${process.allocatedBlocks()}`;
    default:
      return op satisfies never;
  }
}

/** Also with one or two decorations before the user's bytes. */
function isFirstOfPool(address: number): boolean {
  return address === 0 || [48, 64, 80].includes(address % POOL_SIZE);
}

const POOL_SIZE = 2 ** 14;

function allocate(process: Process, name: string, size: number): number {
  const api = ALLOCATORS[name];
  if (api === undefined) throw new Error(`no allocator ${name}`);
  const { heap, zeroed, content } = api;
  const address = process.alloc(heap, content === 'string' ? Math.max(1, size) : size, { zeroed });
  if (address === 0) return 0;
  if (content === 'object') process.initObject(address, size, { gc: false });
  if (content === 'string') {
    const length = Math.max(1, size) - 1;
    process.fill(address, length, 'S'.charCodeAt(0));
    process.fill(address + length, 1, 0);
  }
  return address;
}

/** The same text for the same place in any process: offsets from the heap or from an arena. */
export function canonicalAddress(
  address: Word,
  { heapStart, arenas }: { readonly heapStart: number; readonly arenas: readonly number[] },
): string {
  if (address === 0) return 'NULL';
  const at = Number(address);
  if (heapStart <= at && at < heapStart + 2 ** 32) return `heap+${at - heapStart}`;
  const arena = arenas.findIndex((base) => base <= at && at < base + ARENA_SIZE);
  if (arena >= 0) return `arena${arena}+${at - (arenas[arena] ?? 0)}`;
  return `map+${bits(address, 0xfff)}`;
}

const ARENA_SIZE = 2 ** 20;

function canonical(process: Process, address: number): string {
  const { heapStart } = process.layout;
  return canonicalAddress(word(address), { heapStart, arenas: process.arenaBases() });
}

/** FNV-1a, 32 bits. */
function fnv1a(bytes: Uint8Array): number {
  let hash = 2166136261;
  // By index: an iterator costs several times as much.
  for (let index = 0; index < bytes.length; index++)
    hash = Math.imul(hash ^ (bytes[index] ?? 0), 16777619);
  return hash >>> 0;
}

function littleEndian(value: Word): Uint8Array {
  return Uint8Array.from({ length: 8 }, (_, index) => bits(shiftRight(value, 8 * index), 0xff));
}

function littleEndianValue(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer).getBigUint64(0, true);
}
