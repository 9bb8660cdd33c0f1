// The address space: mapped ranges, 4 KiB pages of bytes, faults. The only file that touches bytes; knows
// no allocator. Clones share their pages until one side writes, so that snapshots of a process are cheap.
import { PageFault, UnmodelledAccess } from './fault.ts';
import { PAGE_SIZE, type Page, PageTable } from './page-table.ts';
import { add, word, type Word } from './word.ts';

export { PAGE_SIZE } from './page-table.ts';

export interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const USER_SPACE_END = 2 ** 47;

/** Stands for a pointer that was loaded from memory whose contents are not modelled: using it throws. */
export const UNMODELLED: Word = 0xffff_8000_0000_0000n;
const UNMODELLED_END: Word = 0xffff_8000_0010_0000n;

const TWO_32 = 2 ** 32;
/** The high halves of words that are numbers. */
const SAFE_HIGH = 2 ** 21;

/** A page that may be read without further questions. */
interface Cached {
  readonly index: number;
  readonly page: Page;
}

/** Where a page is remembered: one of 256 places, by a multiplicative hash of its index. */
function placeOf(index: number): number {
  return Math.imul(index, 0x9e37_79b1) >>> 24;
}

export class Memory {
  #pages = new PageTable();
  #mapped: readonly Range[] = [];
  /** Parts of mapped pages that are not modelled. */
  #unknown: readonly Range[] = [];
  /** Pages that were found last. */
  #cache: (Cached | undefined)[] = [];
  readonly #foreign: readonly Range[];

  /** `foreign`: ranges that are mapped in a recorded process and whose contents are unknown here. */
  constructor(foreign: readonly Range[] = []) {
    this.#foreign = foreign;
  }

  clone(): Memory {
    const copy = new Memory(this.#foreign);
    copy.#pages = this.#pages.clone();
    copy.#mapped = this.#mapped;
    copy.#unknown = this.#unknown;
    return copy;
  }

  /** Maps zero bytes over whole pages. Pages that are mapped already become zero. */
  map(address: number, length: number): void {
    const { start, end } = wholePages(address, length);
    this.unmap(start, end - start);
    const before = this.#mapped.find((range) => range.end === start);
    const after = this.#mapped.find((range) => range.start === end);
    const others = this.#mapped.filter((range) => range !== before && range !== after);
    this.#mapped = [...others, { start: before?.start ?? start, end: after?.end ?? end }];
  }

  unmap(address: number, length: number): void {
    const hole = wholePages(address, length);
    if (this.#mapped.some((range) => range.start < hole.end && hole.start < range.end))
      this.#mapped = this.#mapped.flatMap((range) => without(range, hole));
    this.#pages.clear(hole.start / PAGE_SIZE, hole.end / PAGE_SIZE);
    this.#cache = [];
  }

  /** Bytes of a recorded process that lie on mapped pages and are not modelled. */
  markUnknown(range: Range): void {
    if (range.start === range.end) return;
    this.#unknown = [...this.#unknown, range];
    this.#cache = [];
  }

  isMapped(address: Word): boolean {
    return typeof address === 'number' && address >= 0 && this.#isInMapping(address);
  }

  u8(address: Word): number {
    const at = this.#accessible(address, 'read');
    return this.#readablePage(at).bytes[at % PAGE_SIZE] ?? 0;
  }

  u16(address: Word): number {
    const at = this.#accessible(address, 'read');
    const offset = at % PAGE_SIZE;
    if (offset <= PAGE_SIZE - 2) return this.#readablePage(at).view.getUint16(offset, true);
    return this.u8(at) + 2 ** 8 * this.u8(at + 1);
  }

  u32(address: Word): number {
    if (typeof address === 'number') {
      const index = Math.floor(address / PAGE_SIZE);
      const offset = address - index * PAGE_SIZE;
      const cached = this.#cache[placeOf(index)];
      if (cached !== undefined && cached.index === index && offset <= PAGE_SIZE - 4)
        return cached.page.view.getUint32(offset, true);
    }
    return this.#u32AnyWhere(address);
  }

  u64(address: Word): Word {
    if (typeof address === 'number') {
      const index = Math.floor(address / PAGE_SIZE);
      const offset = address - index * PAGE_SIZE;
      const cached = this.#cache[placeOf(index)];
      if (cached !== undefined && cached.index === index && offset <= PAGE_SIZE - 8) {
        const { view } = cached.page;
        return fromHalves(view.getUint32(offset, true), view.getUint32(offset + 4, true));
      }
    }
    const low = this.#u32AnyWhere(address);
    return fromHalves(low, this.#u32AnyWhere(add(address, 4)));
  }

  /** Big endian. */
  u64BigEndian(address: Word): Word {
    const at = this.#accessible(address, 'read');
    const offset = at % PAGE_SIZE;
    const inPage = offset <= PAGE_SIZE - 8;
    const view = inPage ? this.#readablePage(at).view : new DataView(this.read(at, 8).buffer);
    const start = inPage ? offset : 0;
    return fromHalves(view.getUint32(start + 4), view.getUint32(start));
  }

  setU64BigEndian(address: Word, value: Word): void {
    const at = this.#accessible(address, 'write');
    const offset = at % PAGE_SIZE;
    if (offset <= PAGE_SIZE - 8 && typeof value === 'number') {
      const { view } = this.#writablePage(at);
      view.setUint32(offset, value / TWO_32);
      view.setUint32(offset + 4, value);
    } else {
      this.write(address, bytesOf(value).toReversed());
    }
  }

  read(address: Word, length: number): Uint8Array {
    const first = this.#accessible(address, 'read');
    const offset = first % PAGE_SIZE;
    if (offset + length <= PAGE_SIZE)
      return this.#readablePage(first).bytes.slice(offset, offset + length);
    // Faults before it takes the memory for a length that no mapping has.
    for (let done = PAGE_SIZE - offset; done < length; done += PAGE_SIZE)
      this.#accessible(add(address, done), 'read');
    const bytes = new Uint8Array(length);
    this.#eachPart(address, length, 'read', (at, done, count) => {
      const from = at % PAGE_SIZE;
      bytes.set(this.#readablePage(at).bytes.subarray(from, from + count), done);
    });
    return bytes;
  }

  /** How many of `length` bytes are `byte` before the first that is not; reads no further. */
  countEqual(address: Word, length: number, byte: number): number {
    for (let done = 0; done < length; ) {
      const at = this.#accessible(add(address, done), 'read');
      const from = at % PAGE_SIZE;
      const { bytes } = this.#readablePage(at);
      const end = Math.min(from + length - done, PAGE_SIZE);
      for (let index = from; index < end; index++) {
        if (bytes[index] !== byte) return done;
        done++;
      }
    }
    return length;
  }

  /** For views: null stands for a byte that is not mapped. */
  peekBytes(address: number, length: number): readonly (number | null)[] {
    return Array.from({ length }, (_, index) =>
      this.isMapped(address + index) ? this.u8(address + index) : null,
    );
  }

  setU8(address: Word, value: number): void {
    const at = this.#accessible(address, 'write');
    this.#writablePage(at).bytes[at % PAGE_SIZE] = value;
  }

  /** `value`: modulo 2^16. */
  setU16(address: Word, value: number): void {
    const at = this.#accessible(address, 'write');
    const offset = at % PAGE_SIZE;
    if (offset <= PAGE_SIZE - 2) this.#writablePage(at).view.setUint16(offset, value, true);
    else this.write(address, bytesOf(value).subarray(0, 2));
  }

  /** `value`: modulo 2^32. */
  setU32(address: Word, value: number): void {
    const at = this.#accessible(address, 'write');
    const offset = at % PAGE_SIZE;
    if (offset <= PAGE_SIZE - 4) this.#writablePage(at).view.setUint32(offset, value, true);
    else this.write(address, bytesOf(value >>> 0).subarray(0, 4));
  }

  setU64(address: Word, value: Word): void {
    const at = this.#accessible(address, 'write');
    const offset = at % PAGE_SIZE;
    if (offset > PAGE_SIZE - 8) {
      this.write(address, bytesOf(value));
      return;
    }
    const { view } = this.#writablePage(at);
    if (typeof value === 'bigint') {
      view.setBigUint64(offset, value, true);
    } else {
      view.setUint32(offset, value, true);
      view.setUint32(offset + 4, value / TWO_32, true);
    }
  }

  /** Stores up to the first page that faults, as the machine would. */
  write(address: Word, bytes: Uint8Array): void {
    this.#eachPart(address, bytes.length, 'write', (at, done, count) => {
      this.#writablePage(at).bytes.set(bytes.subarray(done, done + count), at % PAGE_SIZE);
    });
  }

  fill(address: Word, length: number, byte: number): void {
    if (length <= 0) return;
    const first = this.#accessible(address, 'write');
    const offset = first % PAGE_SIZE;
    if (offset + length <= PAGE_SIZE && length < PAGE_SIZE) {
      this.#writablePage(first).bytes.fill(byte, offset, offset + length);
      return;
    }
    this.#eachPart(address, length, 'write', (at, _, count) => {
      const from = at % PAGE_SIZE;
      if (count === PAGE_SIZE) this.#makeUniform(at / PAGE_SIZE, byte & 0xff);
      else this.#writablePage(at).bytes.fill(byte, from, from + count);
    });
  }

  /** memcpy, page by page: bytes before a fault are copied. */
  copy(to: Word, from: Word, length: number): void {
    this.#eachPart(from, length, 'read', (at, done, count) => {
      const start = at % PAGE_SIZE;
      const bytes = this.#readablePage(at).bytes.slice(start, start + count);
      this.write(add(to, done), bytes);
    });
  }

  /** Part by part of a page; a fault ends it. */
  #eachPart(
    address: Word,
    length: number,
    access: 'read' | 'write',
    act: (at: number, done: number, count: number) => void,
  ): void {
    for (let done = 0; done < length; ) {
      const at = this.#accessible(add(address, done), access);
      const count = Math.min(length - done, PAGE_SIZE - (at % PAGE_SIZE));
      act(at, done, count);
      done += count;
    }
  }

  #u32AnyWhere(address: Word): number {
    const at = this.#accessible(address, 'read');
    const offset = at % PAGE_SIZE;
    if (offset <= PAGE_SIZE - 4) return this.#readablePage(at).view.getUint32(offset, true);
    const bytes = this.read(address, 4);
    return new DataView(bytes.buffer).getUint32(0, true);
  }

  #readablePage(at: number): Page {
    const index = Math.floor(at / PAGE_SIZE);
    const cached = this.#cache[placeOf(index)];
    return cached !== undefined && cached.index === index ? cached.page : this.#pages.find(index);
  }

  #writablePage(at: number): Page {
    const index = Math.floor(at / PAGE_SIZE);
    const cached = this.#cache[placeOf(index)];
    if (cached !== undefined && cached.index === index && this.#pages.isWritable(cached.page))
      return cached.page;
    const page = this.#pages.writable(index);
    this.#remember(index, page);
    return page;
  }

  #makeUniform(index: number, byte: number): void {
    this.#pages.setUniform(index, byte);
    this.#remember(index, this.#pages.find(index));
  }

  /** A page of which every byte is modelled can be used without looking again. */
  #remember(index: number, page: Page): void {
    const [start, end] = [index * PAGE_SIZE, (index + 1) * PAGE_SIZE];
    if (this.#unknown.some((range) => range.start < end && start < range.end)) return;
    this.#cache[placeOf(index)] = { index, page };
  }

  /** The address itself, once it is clear that the access does not fault. */
  #accessible(address: Word, access: 'read' | 'write'): number {
    if (typeof address !== 'number') return this.#faultAt(address, access);
    const index = Math.floor(address / PAGE_SIZE);
    const cached = this.#cache[placeOf(index)];
    if (cached !== undefined && cached.index === index) return address;
    if (!(address >= 0) || this.#unknown.some((range) => isWithin(address, range)))
      return this.#faultAt(address, access);
    if (!this.#isInMapping(address)) return this.#faultAt(address, access);
    this.#remember(index, this.#pages.find(index));
    return address;
  }

  #faultAt(address: Word, access: 'read' | 'write'): never {
    const at = word(address);
    const isUnmodelled =
      typeof at === 'number'
        ? this.#unknown.some((range) => isWithin(at, range)) ||
          (!this.#isInMapping(at) && this.#foreign.some((range) => isWithin(at, range)))
        : UNMODELLED <= at && at < UNMODELLED_END;
    if (isUnmodelled) throw new UnmodelledAccess(at);
    throw new PageFault(at, access);
  }

  #isInMapping(at: number): boolean {
    return at < USER_SPACE_END && this.#mapped.some((range) => isWithin(at, range));
  }
}

function fromHalves(low: number, high: number): Word {
  return high < SAFE_HIGH ? high * TWO_32 + low : (BigInt(high) << 32n) | BigInt(low);
}

/** Little endian. */
function bytesOf(value: Word): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

function wholePages(address: number, length: number): Range {
  const start = Math.floor(address / PAGE_SIZE) * PAGE_SIZE;
  return { start, end: Math.ceil((address + length) / PAGE_SIZE) * PAGE_SIZE };
}

function isWithin(at: number, { start, end }: Range): boolean {
  return start <= at && at < end;
}

/** What is left of `range` once `hole` is cut out. */
export function without(range: Range, hole: Range): Range[] {
  if (hole.end <= range.start || hole.start >= range.end) return [range];
  const rest: Range[] = [];
  if (range.start < hole.start) rest.push({ start: range.start, end: hole.start });
  if (range.end > hole.end) rest.push({ start: hole.end, end: range.end });
  return rest;
}
