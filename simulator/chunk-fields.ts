// The fields of a ptmalloc chunk around a block: its header, its links while it is free, the next header.
import { type Field, word, wordAt } from './field.ts';
import { hex } from './word.ts';
import { describeSize } from './ptmalloc/chunk.ts';
import { structuresOf } from './structures.ts';
import type { World } from './world.ts';

export function chunkFields(world: World, start: number): readonly Field[] {
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

export function nextChunkFields(world: World, start: number): readonly Field[] {
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

export function sizeWordText(found: bigint): string {
  const flags = [
    (found & 1n) !== 0n ? ['PREV_INUSE'] : [],
    (found & 2n) !== 0n ? ['IS_MMAPPED'] : [],
    (found & 4n) !== 0n ? ['NON_MAIN_ARENA'] : [],
  ].flat();
  const size = found & ~7n;
  return [describeSize(size), ...flags].join(', ');
}

export function tcacheFields(world: World, start: number): readonly Field[] {
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
