// Why a check fired, in plain words: which bytes it read and what for, whose they really are, what must hold
// and which step broke that first. Starts from what the check recorded; compares the moments of the replay.
import type { Operand, OperandName, ProcessDeath } from './fault.ts';
import { hex } from './word.ts';
import { ownerOf } from './owner-of-bytes.ts';
import { heapForPtr } from './ptmalloc/arena.ts';
import { FREEBLOCK } from './pymalloc/pymalloc.ts';
import type { Evidence } from './timeline.ts';
import { structuresOf } from './structures.ts';
import { extentOf } from './tracked-block.ts';
import { isHooked, type World } from './world.ts';

export interface Death {
  readonly death: ProcessDeath;
  /** As it was when the process died. */
  readonly world: World;
  /** After each frame before it. */
  readonly history: readonly World[];
}

/** null where no bytes tell more than the reason does. */
export function evidenceOf({ death, world, history }: Death): Evidence | null {
  const operands = death.operands.length > 0 ? death.operands : suspects(death, world);
  const [first] = operands;
  if (first === undefined) return null;
  const brokenBy = breakerOf(first, { world, history });
  const shown = operands.map((operand) => {
    const bytes = bytesAt(world, operand) ?? new Uint8Array();
    return {
      name: operand.name,
      address: hex(operand.address),
      bytes: Array.from(bytes),
      belongsTo: ownerOf(world, operand),
    };
  });
  const [main] = shown;
  return {
    invariant: invariantOf(first, world),
    brokenBy,
    operands: shown,
    plain:
      main === undefined
        ? ''
        : `${readerOf(death, first, world)} read ${purposeOf(first, world)}; ${pronoun(first)} belong${first.length === 1 ? 's' : ''} to ${main.belongsTo} and ${valueText(main.bytes, first.length)}.`,
  };
}

/** The bytes behind a load that hit no mapped page. */
function suspects(death: ProcessDeath, world: World): readonly Operand[] {
  if (death.signal !== 'SIGSEGV') return [];
  const dumped = /Debug memory block at address p=(0x[0-9a-f]+)/.exec(death.text)?.[1];
  if (dumped !== undefined)
    return [{ name: 'requested size', address: Number(dumped) - 16, length: 8 }];
  const given = world.handedOver?.address ?? null;
  if (given !== null && heapForPtr(given) === death.address)
    return [{ name: 'size', address: given - 8, length: 8 }];
  const pointer = pointerTo(death.address, world);
  return pointer === null ? [] : [{ name: 'pointer', address: pointer, length: 8 }];
}

/** Where a word lies that leads to the address: in the newest block of the program, or in a pool's header. */
function pointerTo(target: number, world: World): number | null {
  if (target < LOWEST_POINTER) return null;
  const leads = (at: number): boolean => {
    const bytes = bytesAt(world, { address: at, length: 8 });
    if (bytes === null) return false;
    const value = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    // A word above 2^53 is known by its first digits alone.
    const slack = value > Number.MAX_SAFE_INTEGER ? 4096 : 0;
    return target >= value - slack && target <= value + FURTHEST_FIELD + slack;
  };
  for (const block of world.blocks.toReversed()) {
    const { start, end } = extentOf(block, isHooked(world));
    for (let at = start; at + 8 <= Math.min(end, start + SEARCHED); at += 8)
      if (leads(at)) return at;
  }
  const freeblocks = structuresOf(world).pools.map(({ address }) => address + FREEBLOCK);
  return freeblocks.find(leads) ?? null;
}

/** Below lies the page of NULL. */
const LOWEST_POINTER = 65536;
/** Bytes of a block that are searched. */
const SEARCHED = 1024;
/** The furthest field that is read through a pointer: tp_flags of a type. */
const FURTHEST_FIELD = 176;

function readerOf({ text, signal }: ProcessDeath, operand: Operand, world: World): string {
  if (operand.name === 'pointer') return 'The process';
  if (text.includes('Debug memory block')) return 'The debug hooks';
  const named = /^(\w+\(\))/.exec(text);
  if (named?.[1] !== undefined) return named[1];
  if (signal === 'SIGSEGV') return world.handedOver?.isResized === true ? 'realloc()' : 'free()';
  return text.startsWith('double free') ? 'free()' : 'The C library';
}

/** What the check took the bytes for. */
function purposeOf({ name, address, length }: Operand, world: World): string {
  const isOfGiven = world.handedOver !== null && address === world.handedOver.address - 8;
  switch (name) {
    case 'size':
      return isOfGiven
        ? 'the 8 bytes before the block as the size of its chunk'
        : `the 8 bytes at ${hex(address)} as the size of a chunk`;
    case 'prev_size':
      return `the 8 bytes at ${hex(address)} as the size of the chunk before`;
    case 'fd':
    case 'bk':
    case 'fd_nextsize':
    case 'bk_nextsize':
      return `the 8 bytes at ${hex(address)} as ${name}, a link between two free chunks`;
    case 'next':
      return `the 8 bytes at ${hex(address)} as a link of the tcache`;
    case 'key':
      return `the 8 bytes at ${hex(address)}, where a chunk in the tcache carries a key`;
    case 'api id':
      return 'the byte 8 before the block as the name of its domain';
    case 'leading pad':
      return 'the 7 bytes before the block, which are 0xfd in a block of the hooks';
    case 'trailing pad':
      return `the ${length} bytes behind the block, which are 0xfd in a block of the hooks`;
    case 'pointer':
      return `the 8 bytes at ${hex(address)} as a pointer`;
    case 'requested size':
      return 'the 8 bytes 16 before the block as the size that was asked for';
  }
}

function pronoun({ length }: Operand): string {
  return length === 1 ? 'it' : 'they';
}

function valueText(bytes: readonly number[], length: number): string {
  const [is, holds] = length === 1 ? ['is', 'holds'] : ['are', 'hold'];
  if (bytes.length === 0) return `${is} not mapped`;
  if (bytes.every((byte) => byte === 0)) return `${is} zero`;
  return `${holds} ${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}

function invariantOf({ name, address }: Operand, world: World): string {
  const isOfGiven = world.handedOver !== null && address === world.handedOver.address - 8;
  if (name === 'size' && isOfGiven)
    return 'Before every block that malloc() handed out lies the size of its chunk.';
  return INVARIANTS[name];
}

const INVARIANTS: Readonly<Record<OperandName, string>> = {
  size: 'The chunks of the heap lie one behind the other, each with its size in front.',
  prev_size: 'Behind a free chunk its size is repeated.',
  fd: 'Two neighbors on a free list point to each other.',
  bk: 'Two neighbors on a free list point to each other.',
  fd_nextsize: 'Two neighbors on a free list point to each other.',
  bk_nextsize: 'Two neighbors on a free list point to each other.',
  next: 'A free chunk holds the address of the next one, and nobody else writes to it.',
  key: 'A chunk is released once.',
  'api id': 'A block is released in the domain that handed it out.',
  'leading pad': 'Nobody writes right before a block.',
  'trailing pad': 'Nobody writes right behind a block.',
  pointer: 'A pointer that others will follow is overwritten by nobody.',
  'requested size': 'Before every block of the debug hooks lies the size that was asked for.',
};

/**
 * Frame of the step that broke it. Bytes that never were what the check took them for were not overwritten:
 * then it is the call that handed the block over, which is the frame that dies.
 */
function breakerOf(operand: Operand, { world, history }: Omit<Death, 'death'>): number {
  const now = bytesAt(world, operand);
  const differs = (then: World): boolean => {
    const bytes = bytesAt(then, operand);
    return now === null || bytes === null || bytes.some((byte, index) => byte !== now[index]);
  };
  const since = history.findLastIndex(differs) + 1;
  const made = madeIn(history, world.handedOver?.address ?? null);
  const isMetadata = world.handedOver !== null && METADATA.includes(operand.name);
  if (since === 0 || (isMetadata && made !== null && since <= made)) return history.length;
  return since;
}

/** What lies around the block that is released. */
const METADATA: readonly OperandName[] = ['size', 'prev_size', 'api id', 'requested size'];

/** The frame in which the block that holds the address was allocated. */
function madeIn(history: readonly World[], address: number | null): number | null {
  if (address === null) return null;
  const frame = history.findIndex(({ blocks }) =>
    blocks.some((each) => each.address <= address && address < each.address + each.size),
  );
  return frame < 0 ? null : frame;
}

function bytesAt(
  { process }: World,
  { address, length }: Pick<Operand, 'address' | 'length'>,
): Uint8Array | null {
  const { memory } = process;
  const last = address + length - 1;
  return memory.isMapped(address) && memory.isMapped(last) ? memory.read(address, length) : null;
}
