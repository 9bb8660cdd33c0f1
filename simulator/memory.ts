// The address space: mapped ranges, 4 KiB pages of bytes, faults. The only file that touches bytes; knows
// no allocator. Pages are shared between clones until one side writes (copy on write), so that snapshots
// of a process are cheap.
import { PageFault, UnmodelledAccess } from './fault.ts';

export const PAGE_SIZE = 4096;

/** A 64-bit word, 0 <= word < 2^64. Allocator arithmetic is done on words; it wraps like the machine's. */
export type Word = bigint;

/** Numbers are exact: user space ends at 2^47. */
export type Address = number | bigint;

export interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

interface Page {
  /** The clone that may write here; any other must copy first. */
  readonly owner: object | null;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const USER_SPACE_END = 2 ** 47;

/** Stands for a pointer that was loaded from memory whose contents are not modelled: using it throws. */
export const UNMODELLED: Word = 0xffff_8000_0000_0000n;
const UNMODELLED_END = UNMODELLED + 0x10_0000n;

export function word(value: Address): Word {
  return BigInt.asUintN(64, BigInt(value));
}

export function hex(value: Address): string {
  return `0x${word(value).toString(16)}`;
}

function newPage(owner: object | null): Page {
  const bytes = new Uint8Array(PAGE_SIZE);
  return { owner, bytes, view: new DataView(bytes.buffer) };
}

const ZERO_PAGE = newPage(null);

export class Memory {
  #pages = new Map<number, Page>();
  #mapped: Range[] = [];
  #owner: object = {};
  /** Parts of mapped pages that are not modelled. */
  #unknown: Range[] = [];
  readonly #foreign: readonly Range[];

  /** `foreign`: ranges that are mapped in a recorded process and whose contents are unknown here. */
  constructor(foreign: readonly Range[] = []) {
    this.#foreign = foreign;
  }

  clone(): Memory {
    const copy = new Memory(this.#foreign);
    copy.#pages = new Map(this.#pages);
    copy.#mapped = [...this.#mapped];
    copy.#unknown = [...this.#unknown];
    this.#owner = {};
    return copy;
  }

  /** Maps zero bytes over whole pages. Pages that are mapped already become zero. */
  map(address: number, length: number): void {
    const start = pageOf(address) * PAGE_SIZE;
    const end = pageOf(address + length + PAGE_SIZE - 1) * PAGE_SIZE;
    this.unmap(start, end - start);
    this.#mapped.push({ start, end });
  }

  unmap(address: number, length: number): void {
    const start = pageOf(address) * PAGE_SIZE;
    const end = pageOf(address + length + PAGE_SIZE - 1) * PAGE_SIZE;
    this.#mapped = this.#mapped.flatMap((range) => without(range, { start, end }));
    const first = start / PAGE_SIZE;
    const last = end / PAGE_SIZE;
    if (last - first <= this.#pages.size) {
      for (let index = first; index < last; index++) this.#pages.delete(index);
    } else {
      for (const index of this.#pages.keys())
        if (index >= first && index < last) this.#pages.delete(index);
    }
  }

  /** Bytes of a recorded process that lie on mapped pages and are not modelled. */
  markUnknown(range: Range): void {
    this.#unknown.push(range);
  }

  isMapped(address: Address): boolean {
    const at = userAddress(address);
    return at !== null && this.#rangeOf(at) !== undefined;
  }

  u8(address: Address): number {
    const at = this.#readable(address);
    return this.#pageFor(at).view.getUint8(at % PAGE_SIZE);
  }

  u16(address: Address): number {
    return Number(this.#littleEndian(address, 2));
  }

  u32(address: Address): number {
    return Number(this.#littleEndian(address, 4));
  }

  u64(address: Address): Word {
    return this.#littleEndian(address, 8);
  }

  read(address: Address, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = this.#readable(word(BigInt(address) + BigInt(done)));
      const offset = at % PAGE_SIZE;
      const count = Math.min(length - done, PAGE_SIZE - offset);
      bytes.set(this.#pageFor(at).bytes.subarray(offset, offset + count), done);
      done += count;
    }
    return bytes;
  }

  /** For views: null stands for a byte that is not mapped. */
  peekBytes(address: number, length: number): readonly (number | null)[] {
    return Array.from({ length }, (_, index) =>
      this.isMapped(address + index) ? this.u8(address + index) : null,
    );
  }

  setU8(address: Address, value: number): void {
    this.write(address, Uint8Array.of(value));
  }

  setU16(address: Address, value: number): void {
    this.#setLittleEndian(address, BigInt(value), 2);
  }

  setU32(address: Address, value: number): void {
    this.#setLittleEndian(address, BigInt.asUintN(32, BigInt(value)), 4);
  }

  setU64(address: Address, value: Word): void {
    this.#setLittleEndian(address, word(value), 8);
  }

  /** Stores up to the first page that faults, as the machine would. */
  write(address: Address, bytes: Uint8Array): void {
    this.#store(address, bytes.length, (target, done, count) => {
      target.set(bytes.subarray(done, done + count));
    });
  }

  fill(address: Address, length: number, byte: number): void {
    this.#store(address, length, (target) => target.fill(byte));
  }

  /** memcpy, page by page: bytes before a fault are copied. */
  copy(to: Address, from: Address, length: number): void {
    for (let done = 0; done < length; ) {
      const at = this.#readable(word(BigInt(from) + BigInt(done)));
      const count = Math.min(length - done, PAGE_SIZE - (at % PAGE_SIZE));
      this.write(word(BigInt(to) + BigInt(done)), this.read(at, count));
      done += count;
    }
  }

  #store(
    address: Address,
    length: number,
    put: (target: Uint8Array, done: number, count: number) => void,
  ): void {
    for (let done = 0; done < length; ) {
      const at = this.#accessible(word(BigInt(address) + BigInt(done)), 'write');
      const offset = at % PAGE_SIZE;
      const count = Math.min(length - done, PAGE_SIZE - offset);
      put(this.#writablePage(at).bytes.subarray(offset, offset + count), done, count);
      done += count;
    }
  }

  #littleEndian(address: Address, length: 2 | 4 | 8): Word {
    const at = this.#readable(address);
    const offset = at % PAGE_SIZE;
    if (offset + length <= PAGE_SIZE) {
      const view = this.#pageFor(at).view;
      if (length === 8) return view.getBigUint64(offset, true);
      return BigInt(length === 4 ? view.getUint32(offset, true) : view.getUint16(offset, true));
    }
    const bytes = this.read(address, length);
    return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  #setLittleEndian(address: Address, value: Word, length: 2 | 4 | 8): void {
    const at = this.#accessible(address, 'write');
    const offset = at % PAGE_SIZE;
    if (offset + length <= PAGE_SIZE) {
      const { view } = this.#writablePage(at);
      if (length === 8) view.setBigUint64(offset, value, true);
      else if (length === 4) view.setUint32(offset, Number(value), true);
      else view.setUint16(offset, Number(value), true);
      return;
    }
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index++)
      bytes[index] = Number((value >> BigInt(8 * index)) & 0xffn);
    this.write(address, bytes);
  }

  #pageFor(at: number): Page {
    return this.#pages.get(pageOf(at)) ?? ZERO_PAGE;
  }

  #writablePage(at: number): Page {
    const index = pageOf(at);
    const page = this.#pages.get(index);
    if (page !== undefined && page.owner === this.#owner) return page;
    const copy = newPage(this.#owner);
    if (page !== undefined) copy.bytes.set(page.bytes);
    this.#pages.set(index, copy);
    return copy;
  }

  #readable(address: Address): number {
    return this.#accessible(address, 'read');
  }

  #accessible(address: Address, access: 'read' | 'write'): number {
    const at = userAddress(address);
    if (at !== null) {
      if (this.#unknown.some((range) => range.start <= at && at < range.end))
        throw new UnmodelledAccess(word(address));
      if (this.#pages.has(pageOf(at)) || this.#rangeOf(at) !== undefined) return at;
      if (this.#foreign.some((range) => range.start <= at && at < range.end))
        throw new UnmodelledAccess(word(address));
    } else if (UNMODELLED <= word(address) && word(address) < UNMODELLED_END) {
      throw new UnmodelledAccess(word(address));
    }
    throw new PageFault(word(address), access);
  }

  #rangeOf(at: number): Range | undefined {
    return this.#mapped.find((range) => range.start <= at && at < range.end);
  }
}

function pageOf(at: number): number {
  return Math.floor(at / PAGE_SIZE);
}

/** null: not a canonical user-space address. */
function userAddress(address: Address): number | null {
  const at = typeof address === 'bigint' ? Number(word(address)) : address;
  return at >= 0 && at < USER_SPACE_END ? at : null;
}

/** What is left of `range` once `hole` is cut out. */
export function without(range: Range, hole: Range): Range[] {
  if (hole.end <= range.start || hole.start >= range.end) return [range];
  const rest: Range[] = [];
  if (range.start < hole.start) rest.push({ start: range.start, end: hole.start });
  if (range.end > hole.end) rest.push({ start: hole.end, end: range.end });
  return rest;
}
