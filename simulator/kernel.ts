// brk, mmap, munmap, mremap: where Linux places memory on x86-64. Follows mm/mmap.c: new mappings go
// top-down into the highest gap that is large enough. Knows no allocator.
import { type Memory, PAGE_SIZE, type Range, without } from './memory.ts';
import { bits, type Word } from './word.ts';

const USER_SPACE_END = 0x7fff_ffff_f000;

/** Incomplete: real limits depend on the machine's memory and overcommit policy. */
const LARGEST_MAPPING = 2 ** 28;
/** All that one process gets, heap and mappings together. */
const LARGEST_PROCESS = 2 ** 30;

export interface AddressSpace {
  /** Where the heap of brk begins; page aligned. */
  readonly heapStart: number;
  /** The program break at the start. */
  readonly brk: number;
  /** What is mapped in the area that mmap fills, the stack included; any order. */
  readonly mappings: readonly Range[];
  /** Start of the stack's mapping: gaps from there up are never used. */
  readonly stack: number;
}

function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

export class Kernel {
  #brk: number;
  /** Sorted. */
  #mappings: readonly Range[];
  /** Bytes given to the process since it began, less what came back. */
  #given = 0;

  constructor(
    readonly memory: Memory,
    readonly space: AddressSpace,
  ) {
    this.#brk = space.brk;
    this.#mappings = space.mappings.toSorted((a, b) => a.start - b.start);
  }

  clone(memory: Memory): Kernel {
    const copy = new Kernel(memory, { ...this.space, brk: this.#brk, mappings: this.#mappings });
    copy.#given = this.#given;
    return copy;
  }

  /** The program break: end of the heap, exclusive. */
  get brk(): number {
    return this.#brk;
  }

  /** Moves the break; the old break, or null when the kernel refuses. */
  sbrk(increment: number): number | null {
    const old = this.#brk;
    if (this.#given + increment > LARGEST_PROCESS) return null;
    if (increment > LARGEST_MAPPING || old + increment < this.space.heapStart) return null;
    const oldEnd = alignUp(old, PAGE_SIZE);
    const newEnd = alignUp(old + increment, PAGE_SIZE);
    if (newEnd > oldEnd) this.memory.map(oldEnd, newEnd - oldEnd);
    if (newEnd < oldEnd) this.memory.unmap(newEnd, oldEnd - newEnd);
    this.#brk = old + increment;
    this.#given += increment;
    return old;
  }

  /** The address of `length` zero bytes, or null when the kernel refuses. */
  mmap(length: number): number | null {
    const size = alignUp(length, PAGE_SIZE);
    if (size === 0 || size > LARGEST_MAPPING || this.#given + size > LARGEST_PROCESS) return null;
    const address = this.#gap(size);
    this.mapAt(address, size);
    return address;
  }

  /** Maps zero bytes at a fixed address. */
  mapAt(address: number, length: number): void {
    this.#given += length;
    this.#mappings = withRange(this.#mappings, { start: address, end: address + length });
    this.memory.map(address, length);
  }

  /** Operands can be anything: they come from headers that the program may have overwritten. */
  munmap(address: Word, length: Word): boolean {
    if (length === 0 || bits(address, PAGE_SIZE - 1) !== 0) return false;
    const end = Number(address) + Number(length);
    if (end > USER_SPACE_END) return false;
    const hole = { start: Number(address), end: alignUp(end, PAGE_SIZE) };
    this.memory.unmap(hole.start, hole.end - hole.start);
    this.#given -= hole.end - hole.start;
    this.#mappings = this.#mappings.flatMap((range) => without(range, hole));
    return true;
  }

  /** Grows in place when the pages behind are free, else moves. The new address, or null. */
  mremap(address: number, oldLength: number, newLength: number): number | null {
    if (newLength > LARGEST_MAPPING || !this.memory.isMapped(address)) return null;
    if (newLength <= oldLength) {
      this.munmap(address + newLength, oldLength - newLength);
      return address;
    }
    const end = address + newLength;
    const isBlocked = this.#mappings.some(
      (range) => range.start < end && range.end > address + oldLength,
    );
    if (!isBlocked) {
      this.mapAt(address + oldLength, newLength - oldLength);
      return address;
    }
    const moved = this.mmap(newLength);
    if (moved === null) return null;
    this.memory.copy(moved, address, oldLength);
    this.munmap(address, oldLength);
    return moved;
  }

  #gap(size: number): number {
    const ranges = this.#mappings.filter((range) => range.start < this.space.stack);
    for (let index = ranges.length - 1; index > 0; index--) {
      const upper = ranges[index]?.start ?? 0;
      const lower = ranges[index - 1]?.end ?? 0;
      if (upper - lower >= size) return upper - size;
    }
    return (ranges[0]?.start ?? this.space.stack) - size;
  }
}

/** Sorted ranges with one more, which may touch its neighbors but not overlap them. */
function withRange(ranges: readonly Range[], added: Range): readonly Range[] {
  const at = ranges.findIndex((range) => range.start >= added.start);
  const index = at === -1 ? ranges.length : at;
  const [before, after] = [ranges[index - 1], ranges[index]];
  const joinsBefore = before !== undefined && before.end === added.start;
  const joinsAfter = after !== undefined && after.start === added.end;
  const joined = {
    start: joinsBefore ? before.start : added.start,
    end: joinsAfter ? after.end : added.end,
  };
  return ranges.toSpliced(
    joinsBefore ? index - 1 : index,
    (joinsBefore ? 1 : 0) + (joinsAfter ? 1 : 0),
    joined,
  );
}
