// The named fields in and around one block: what CPython's debug hooks, the collector, the object itself,
// pymalloc and ptmalloc keep there. Reads memory through a peek that never faults.
import { hex } from './memory.ts';
import { bytesText } from './step-text.ts';
import { structuresOf } from './structures.ts';
import { GC_HEADER, isLive, type TrackedBlock } from './tracked-block.ts';
import type { FieldView } from './view.ts';
import { isHooked, isObject, type World } from './world.ts';

/** A field by address. */
export interface Field extends Omit<FieldView, 'offset' | 'state'> {
  readonly address: number;
  readonly corrupt: boolean;
}

export const POOL_OVERHEAD = 48;
const FORBIDDENBYTE = 0xfd;
const API_IDS = { raw: 'r', mem: 'm', obj: 'o', gc: 'o' } as const;

export interface Anatomy {
  readonly fields: readonly Field[];
  /** First byte of the block as its allocator sees it. */
  readonly start: number;
  /** One past the last byte of it. */
  readonly end: number;
}

export function anatomyOf(world: World, block: TrackedBlock): Anatomy {
  const outer = outerLayers(world, block);
  const isMalloced = block.heap === 'libc' || (block.heap === 'raw' && !isHooked(world));
  const forFree = isMalloced ? [] : [asSizeWord(world, block)];
  const layers = { ...outer, fields: [requested(block), ...outer.fields, ...forFree] };
  const { allocator, usable } = structuresOf(world).serves(layers.start);
  const end = Math.max(block.address + block.size, layers.start + usable, layers.end);
  switch (allocator) {
    case 'pymalloc': {
      const fields = [...layers.fields, ...pymallocFields(world, layers.start)];
      return { fields, start: layers.start, end };
    }
    case 'ptmalloc':
    case 'mmap': {
      const next = allocator === 'ptmalloc' ? nextChunkFields(world, layers.start) : [];
      const fields = [...chunkFields(world, layers.start), ...layers.fields, ...next];
      return { fields, start: layers.start, end };
    }
    case 'none':
      return { fields: layers.fields, start: layers.start, end };
  }
}

function requested(block: TrackedBlock): Field {
  return {
    address: block.address,
    length: block.size,
    name: block.letter,
    value: bytesText(block.size),
    note: isLive(block) ? 'what the program asked for' : 'what the program had and released',
    corrupt: false,
  };
}

/** What lies between the pointer and the block that the allocator handed out. */
function outerLayers(world: World, block: TrackedBlock): Anatomy {
  const fields: Field[] = [];
  let start = block.address;
  let end = block.address + block.size;
  if (isObject(block) && block.size >= 16 && isLive(block))
    fields.push(...objectFields(world, block));
  if (block.heap === 'gc') {
    fields.push(word(world, start - 16, '_gc_next', 'next object of the generation'));
    fields.push(word(world, start - 8, '_gc_prev', 'previous object, and two flag bits'));
    start -= GC_HEADER;
  }
  if (isHooked(world) && block.heap !== 'libc' && block.heap !== null) {
    const size = end - start;
    fields.push(...hookFields(world, { start, size, id: API_IDS[block.heap] }));
    start -= 16;
    end += 8;
    // A block that pymalloc declines comes from the raw domain, whose hooks decorate it once more.
    if (block.heap !== 'raw' && structuresOf(world).serves(start).allocator !== 'pymalloc') {
      fields.push(...hookFields(world, { start, size: size + 24, id: 'r' }));
      start -= 16;
      end += 8;
    }
  }
  return { fields, start, end };
}

function objectFields(world: World, block: TrackedBlock): readonly Field[] {
  const count = wordAt(world, block.address);
  return [
    {
      address: block.address,
      length: 8,
      name: 'ob_refcnt',
      value: count === null ? '?' : count < 1n << 32n ? String(count) : hex(count),
      note: 'reference count',
      corrupt: count !== null && count >= 1n << 32n,
    },
    word(world, block.address + 8, 'ob_type', 'the type of the object'),
  ];
}

interface Hooks {
  /** First byte after the header. */
  readonly start: number;
  readonly size: number;
  readonly id: string;
}

function hookFields(world: World, { start, size, id }: Hooks): readonly Field[] {
  const found = bytesAt(world, start - 16, 8);
  const stored = found.reduce<bigint>((sum, byte) => (sum << 8n) | BigInt(byte ?? 0), 0n);
  const idByte = bytesAt(world, start - 8, 1)[0] ?? null;
  return [
    {
      address: start - 16,
      length: 8,
      name: 'size',
      value: stored < 1n << 48n ? `${stored} (big endian)` : `${hex(stored)} (big endian)`,
      note: 'bytes requested, kept by the debug hooks',
      corrupt: stored !== BigInt(size),
    },
    {
      address: start - 8,
      length: 1,
      name: 'API id',
      value: idByte === null ? '?' : `'${printable(idByte)}' (0x${byteText(idByte)})`,
      note: 'the allocator domain: r raw, m mem, o object',
      corrupt: idByte !== id.charCodeAt(0),
    },
    forbidden(world, start - 7, 7),
    forbidden(world, start + size, 8),
  ];
}

function forbidden(world: World, address: number, length: number): Field {
  const bytes = bytesAt(world, address, length);
  const intact = bytes.every((byte) => byte === FORBIDDENBYTE);
  const value = intact
    ? `0xfd × ${length}`
    : bytes.map((byte) => (byte === null ? '??' : byteText(byte))).join(' ');
  const note = intact ? 'pad bytes that nobody may touch' : 'pad bytes, overwritten';
  return { address, length, name: 'FORBIDDENBYTE', value, note, corrupt: !intact };
}

function chunkFields(world: World, start: number): readonly Field[] {
  const chunk = structuresOf(world).chunks.find((each) => each.address === start - 16);
  const size = sizeWord(world, start - 8, { corrupt: chunk?.corrupt ?? null });
  const previous = word(
    world,
    start - 16,
    'prev_size',
    'size of the chunk before, only while that one is free; its last 8 bytes otherwise',
  );
  return [previous, size, ...linkFields(world, start, chunk?.kind ?? 'used')];
}

function sizeWord(
  world: World,
  address: number,
  { corrupt }: { readonly corrupt: string | null },
): Field {
  const found = wordAt(world, address);
  const value = found === null ? '?' : `${hex(found)} (${sizeWordText(found)})`;
  const note = corrupt ?? 'chunk size and three flag bits';
  return { address, length: 8, name: 'size', value, note, corrupt: corrupt !== null };
}

export function sizeWordText(found: bigint): string {
  const flags = [
    (found & 1n) !== 0n ? ['PREV_INUSE'] : [],
    (found & 2n) !== 0n ? ['IS_MMAPPED'] : [],
    (found & 4n) !== 0n ? ['NON_MAIN_ARENA'] : [],
  ].flat();
  const size = found & ~7n;
  return [size < 1n << 48n ? `${size} bytes` : `${hex(size)} bytes`, ...flags].join(', ');
}

function linkFields(world: World, start: number, kind: string): readonly Field[] {
  switch (kind) {
    case 'tcache':
      return tcacheFields(world, start);
    case 'fastbin':
      return [word(world, start, 'fd', 'next chunk of the fastbin, mangled')];
    case 'bin':
      return [
        word(world, start, 'fd', 'next chunk of the bin'),
        word(world, start + 8, 'bk', 'previous chunk of the bin'),
      ];
    default:
      return [];
  }
}

function tcacheFields(world: World, start: number): readonly Field[] {
  const stored = wordAt(world, start);
  const next = stored === null ? null : stored ^ BigInt(Math.floor(start / 4096));
  const text = next === 0n ? 'end of the list' : next === null ? '?' : hex(next);
  return [
    {
      ...word(world, start, 'next', 'next chunk of the tcache bin, mangled with its own address'),
      value: `${stored === null ? '?' : hex(stored)} (${text})`,
    },
    word(world, start + 8, 'key', 'marks a chunk that lies in the tcache'),
  ];
}

function nextChunkFields(world: World, start: number): readonly Field[] {
  const chunks = structuresOf(world).chunks;
  const index = chunks.findIndex((each) => each.address === start - 16);
  const next = index < 0 ? undefined : chunks[index + 1];
  if (next === undefined) return [];
  return [
    {
      ...sizeWord(world, next.address + 8, { corrupt: next.corrupt }),
      name: next.kind === 'top' ? 'size of top' : 'size of the next chunk',
    },
  ];
}

function pymallocFields(world: World, start: number): readonly Field[] {
  const pool = structuresOf(world).pools.find((each) =>
    each.blocks.some((block) => block.address === start),
  );
  const first = pool?.address === start - POOL_OVERHEAD;
  const links = inTcache(world, start)
    ? tcacheFields(world, start)
    : pool?.freeList.includes(start) === true
      ? [word(world, start, 'next free block', 'link of the free list of the pool; 0 ends it')]
      : [];
  if (first) return [...poolHeaderFields(world, start - POOL_OVERHEAD, pool.corrupt), ...links];
  return links;
}

/** free() of the C library takes whatever lies before the pointer that it is given for a size word. */
function asSizeWord(world: World, block: TrackedBlock): Field {
  const given = world.handedOver;
  const inside = given !== null && block.address < given && given <= block.address + block.size;
  const pointer = inside ? given : block.address;
  const found = wordAt(world, pointer - 8);
  const value = found === null ? '?' : `${hex(found)} (${sizeWordText(found)})`;
  const which = inside ? `${block.letter} + ${pointer - block.address}` : block.letter;
  const note = `no size word at all; free(${which}) of the C library would take it for one`;
  return { address: pointer - 8, length: 8, name: 'read by free()', value, note, corrupt: false };
}

function inTcache(world: World, start: number): boolean {
  return structuresOf(world).freeLists.some(
    (list) => list.kind === 'tcache' && list.entries.includes(start),
  );
}

function poolHeaderFields(world: World, pool: number, corrupt: string | null): readonly Field[] {
  const half = (offset: number, name: string, note: string): Field => {
    const bytes = bytesAt(world, pool + offset, 4);
    const value = bytes.reduceRight<number>((sum, byte) => sum * 256 + (byte ?? 0), 0);
    return {
      address: pool + offset,
      length: 4,
      name,
      value: String(value),
      note,
      corrupt: corrupt !== null && corrupt.includes(name),
    };
  };
  return [
    half(0, 'ref.count', 'blocks in use'),
    word(world, pool + 8, 'freeblock', 'head of the free list of the pool'),
    word(world, pool + 16, 'nextpool', 'next pool of the size class'),
    word(world, pool + 24, 'prevpool', 'previous pool of the size class'),
    half(32, 'arenaindex', 'index of the arena'),
    half(36, 'szidx', 'size class'),
    half(40, 'nextoffset', 'offset of the next block never handed out'),
    half(44, 'maxnextoffset', 'largest valid nextoffset'),
  ];
}

function word(world: World, address: number, name: string, note: string): Field {
  const found = wordAt(world, address);
  return {
    address,
    length: 8,
    name,
    value: found === null ? '?' : hex(found),
    note,
    corrupt: false,
  };
}

function bytesAt(world: World, address: number, length: number): readonly (number | null)[] {
  return world.process.memory.peekBytes(address, length);
}

/** null: not mapped. */
function wordAt(world: World, address: number): bigint | null {
  const bytes = bytesAt(world, address, 8);
  if (bytes.includes(null)) return null;
  return bytes.reduceRight<bigint>((sum, byte) => (sum << 8n) | BigInt(byte ?? 0), 0n);
}

function byteText(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
