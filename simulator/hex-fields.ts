// The bytes around each block with its named fields, as windows that a reader can take in: a long block is
// shown by its two ends. A field that differs from the frame before is marked as changed.
import { type Anatomy, anatomyOf } from './block-fields.ts';
import type { Field } from './field.ts';
import { hex } from './word.ts';
import { POOL_OVERHEAD } from './pool-fields.ts';
import { bytesText } from './step-text.ts';
import { structuresOf } from './structures.ts';
import { extentOf, isLive, isPlaced, meet, type TrackedBlock } from './tracked-block.ts';
import type { FieldView, HexView } from './view.ts';
import { isHooked, type World } from './world.ts';

/** Bytes; a longer window is split into its two ends. */
const WINDOW_LIMIT = 208;
const END_LENGTH = 64;

/** A path of hundreds of blocks shows the latest. */
const BLOCK_LIMIT = 24;

export function hexViewsOf(world: World, before: World): readonly HexView[] {
  return world.blocks
    .filter(isPlaced)
    .slice(-BLOCK_LIMIT)
    .flatMap((block) => windowsOf(world, before, block));
}

interface Window {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly part: string;
}

function windowsOf(world: World, before: World, block: TrackedBlock): readonly HexView[] {
  const anatomy = anatomyOf(world, block);
  const fields = anatomy.fields.map((field) => fieldView(world, before, block, field));
  const marks = overlapFields(world, block);
  return split(anatomy).map((window) => {
    const address = window.start;
    const inside = [...fields, ...marks]
      .filter(({ at, view }) => at < window.end && at + view.length > address)
      .map(({ at, view }) => clip({ at, view }, window))
      .toSorted((left, right) => left.offset - right.offset || right.length - left.length);
    return {
      block: block.id,
      title: `${titleOf(world, block)}${window.part}`,
      address: hex(address),
      bytes: world.process.memory.peekBytes(address, window.end - address),
      fields: inside,
    };
  });
}

/** A field that goes on outside the window is cut at its edge. */
function clip({ at, view }: Placed, window: Window): FieldView {
  const start = Math.max(at, window.start);
  const end = Math.min(at + view.length, window.end);
  return { ...view, offset: start - window.start, length: end - start };
}

function titleOf(world: World, block: TrackedBlock): string {
  const { allocator } = structuresOf(world).serves(block.address);
  const state = isLive(block) ? '' : ', released';
  return `${block.letter} ${block.id}: ${bytesText(block.size)} from ${block.api} at ${hex(block.address)}, ${allocator === 'none' ? 'unmapped' : allocator}${state}`;
}

function split(anatomy: Anatomy): readonly Window[] {
  const addresses = anatomy.fields.flatMap((field) => [
    field.address,
    field.address + field.length,
  ]);
  const start = align(Math.min(anatomy.start - 16, ...addresses), -1);
  const end = align(Math.max(anatomy.end, ...addresses), 1);
  if (end - start <= WINDOW_LIMIT) return [{ start, end, part: '' }];
  const head =
    anatomy.start - start >= POOL_OVERHEAD ? END_LENGTH + POOL_OVERHEAD : END_LENGTH + 32;
  return [
    { start, end: start + head, part: ' (first bytes)' },
    { start: end - END_LENGTH, end, part: ' (last bytes)' },
  ];
}

function align(address: number, direction: -1 | 1): number {
  return (direction < 0 ? Math.floor(address / 16) : Math.ceil(address / 16)) * 16;
}

interface Placed {
  readonly at: number;
  readonly view: Omit<FieldView, 'offset'>;
}

function fieldView(world: World, before: World, block: TrackedBlock, field: Field): Placed {
  const { address, corrupt, ...rest } = field;
  const requested = address === block.address && field.length === block.size;
  const taken = !requested && isTaken(world, block, field);
  const known = before.blocks.some((each) => each.id === block.id);
  const changed = known && differs(world, before, address, field.length);
  const state = (corrupt && isLive(block)) || taken ? 'corrupt' : changed ? 'changed' : 'ok';
  return { at: address, view: { ...rest, state } };
}

/** Whether the field lies in bytes that another live block owns too. */
function isTaken(world: World, block: TrackedBlock, field: Field): boolean {
  const bytes = { start: field.address, end: field.address + field.length };
  const mine = extentOf(block, isHooked(world));
  return (
    isLive(block) &&
    meet(bytes, mine) &&
    world.blocks.some(
      (other) => other !== block && isLive(other) && meet(extentOf(other, isHooked(world)), bytes),
    )
  );
}

/** Of a long field only the ends are compared: no window shows more. */
function differs(world: World, before: World, address: number, length: number): boolean {
  if (length <= WINDOW_LIMIT) return bytesDiffer(world, before, address, length);
  return (
    bytesDiffer(world, before, address, END_LENGTH) ||
    bytesDiffer(world, before, address + length - END_LENGTH, END_LENGTH)
  );
}

function bytesDiffer(world: World, before: World, address: number, length: number): boolean {
  const after = world.process.memory.peekBytes(address, length);
  const earlier = before.process.memory.peekBytes(address, length);
  return after.some((byte, index) => byte !== earlier[index]);
}

/** Stretches of a live block that another live block also owns. */
function overlapFields(world: World, block: TrackedBlock): readonly Placed[] {
  if (!isLive(block)) return [];
  const mine = extentOf(block, isHooked(world));
  return world.blocks
    .filter((other) => other !== block && isLive(other) && isPlaced(other))
    .map((other) => ({ other, theirs: extentOf(other, isHooked(world)) }))
    .filter(({ theirs }) => meet(mine, theirs))
    .map(({ other, theirs }) => {
      const at = Math.max(mine.start, theirs.start);
      const length = Math.min(mine.end, theirs.end) - at;
      const note = `${bytesText(length)} belong to ${other.letter} (${other.id}) as well`;
      const name = `shared with ${other.letter}`;
      return {
        at,
        view: { length, name, value: bytesText(length), state: 'corrupt', note },
      } as const;
    });
}
