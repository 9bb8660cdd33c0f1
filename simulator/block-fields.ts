// The named fields in and around one block, layer by layer: the object, the collector, the debug hooks, the
// allocator that serves it.
import { chunkFields, nextChunkFields, sizeWordText } from './chunk-fields.ts';
import { type Field, word, wordAt } from './field.ts';
import { hookFields } from './hook-fields.ts';
import { hex } from './word.ts';
import { pymallocFields } from './pool-fields.ts';
import { bytesText } from './step-text.ts';
import { structuresOf } from './structures.ts';
import { GC_HEADER, isLive, type TrackedBlock } from './tracked-block.ts';
import { isHooked, isObject, type World } from './world.ts';

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

/** free() of the C library takes whatever lies before the pointer that it is given for a size word. */
function asSizeWord(world: World, block: TrackedBlock): Field {
  const given = world.handedOver?.address ?? null;
  const inside = given !== null && block.address < given && given <= block.address + block.size;
  const pointer = inside ? given : block.address;
  const found = wordAt(world, pointer - 8);
  const value = found === null ? '?' : `${hex(found)} (${sizeWordText(found)})`;
  const which = inside ? `${block.letter} + ${pointer - block.address}` : block.letter;
  const note = `no size word at all; free(${which}) of the C library would take it for one`;
  return { address: pointer - 8, length: 8, name: 'read by free()', value, note, corrupt: false };
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
