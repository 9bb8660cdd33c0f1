// The outcome matrix: a block of every allocator given to every release function, at every size and position
// in its heap, under every value of PYTHONMALLOC. A cell is an op script; its outcome is foretold on the
// canonical heap and on heaps with a past, so that a foretelling says when it is conditional, and on what.
import { readFileSync } from 'node:fs';
import { heapForPtr } from '../../simulator/ptmalloc/arena.ts';
import { SMALL_REQUEST_THRESHOLD } from '../../simulator/pymalloc/pymalloc.ts';
import { type Layout, PORTABLE_LAYOUTS } from '../../simulator/start-state.ts';
import { WIRINGS } from '../../simulator/versions.ts';
import type { Mode, Observed } from './heap-driver.ts';
import { simulate } from './simulated-driver.ts';

export interface Cell {
  readonly mode: Mode;
  readonly allocator: string;
  readonly release: string;
  /** Bytes. */
  readonly size: number;
  readonly position: Position;
}

/** Where the block lies: the first of its pool or heap, or behind a block with the contents that are named. */
type Position = 'first' | 'later0' | 'later41' | 'laterSz' | 'adjacent';

interface Recorded {
  readonly allocators: readonly string[];
  readonly releases: readonly string[];
  readonly sizes: readonly number[];
  readonly positions: readonly Position[];
  /** `end`: nothing showed. Else when it died (in the release, or in a later call), the signal, the message. */
  readonly outcomes: readonly string[];
  /** By mode, one letter per cell: the outcome on the drained heap. */
  readonly drained: Readonly<Record<Mode, string>>;
  /** By mode and index of the cell: every outcome seen, where there were several. */
  readonly several: Readonly<Record<Mode, Readonly<Record<string, readonly number[]>>>>;
}

export interface RecordedCell {
  readonly cell: Cell;
  readonly drained: string;
  /** Everything that was seen in real processes; one: the cell is deterministic. */
  readonly seen: readonly string[];
}

const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** CPython 3.11.2 on glibc 2.36, each cell in up to eleven processes. */
export function recordedCells(): readonly RecordedCell[] {
  const url = new URL('golden/outcome-matrix-deb311.json', import.meta.url);
  const recorded: Recorded = JSON.parse(readFileSync(url, 'utf8'));
  const { allocators, releases, sizes, positions, outcomes } = recorded;
  const outcome = (index: number): string => outcomes[index] ?? '';
  const modes = Object.keys(WIRINGS).filter((mode): mode is Mode => mode in recorded.drained);
  return modes.flatMap((mode) => {
    const cells = allocators.flatMap((allocator) =>
      releases.flatMap((release) =>
        sizes.flatMap((size) =>
          positions.map((position): Cell => ({ mode, allocator, release, size, position })),
        ),
      ),
    );
    return cells.map((cell, index) => {
      const drained = LETTERS.indexOf(recorded.drained[mode][index] ?? '');
      const seen = recorded.several[mode][index] ?? [drained];
      return { cell, drained: outcome(drained), seen: seen.map(outcome) };
    });
  });
}

const OBJECTS = ['PyObject_New', 'PyObject_GC_New'];
const LIBC = ['malloc', 'calloc', 'strdup', 'PyMem_RawMalloc'];
const REALLOC = /[Rr]ealloc$/;
const GC_HEAD = 16;

export interface CellScript {
  readonly lines: readonly string[];
  /** Index of the op that releases the block. */
  readonly released: number;
}

/** The cell as an op script: the blocks, the release, then innocent calls of every family. */
export function cellScript(cell: Cell): CellScript {
  const { allocator, release, position } = cell;
  const size = OBJECTS.includes(allocator) ? Math.max(cell.size, 16) : cell.size;
  const fresh = isPooled(cell) ? 'fresh ' : '';
  const before =
    position === 'first'
      ? [`a = ${fresh}${allocator} ${size}`]
      : [`q = ${fresh}${allocator} ${size}`, `a = ${allocator} ${size}`, ...fillBefore(cell, size)];
  const lines = [...before, ...contents(cell, size)];
  const call = REALLOC.test(release) ? `r = ${release} a ${2 * size + 64}` : `${release} a`;
  return { lines: [...lines, call, ...probes(size)], released: lines.length };
}

/** What the block before `a` holds. */
function fillBefore(cell: Cell, size: number): readonly string[] {
  const { hooks } = WIRINGS[cell.mode];
  const { allocator, position } = cell;
  const head = headOf(cell);
  const byte = { first: null, later0: '0', later41: '0x41', laterSz: '0', adjacent: null }[
    position
  ];
  if (!isPooled(cell) || hooks) {
    if (OBJECTS.includes(allocator)) return [];
    return [`write q 0 ${size} ${byte ?? '0x5a'}`];
  }
  // Up to the very end of the size class, which is what lies before the next block.
  const room = Math.ceil((size + head) / 16) * 16;
  const fill = byte === null ? [] : [`write q ${-head} ${room} ${byte}`];
  const chunk = Math.max(32, Math.floor((size + 8 + 15) / 16) * 16);
  const forged = position === 'laterSz' ? [`poke q ${room - head - 8} ${chunk + 1}`] : [];
  return [...fill, ...forged];
}

/** Whether pymalloc serves the block. */
function isPooled(cell: Cell): boolean {
  const { hooks, pymalloc } = WIRINGS[cell.mode];
  const size = OBJECTS.includes(cell.allocator) ? Math.max(cell.size, 16) : cell.size;
  const decorated = size + headOf(cell) + (hooks ? 24 : 0);
  return pymalloc && !LIBC.includes(cell.allocator) && decorated <= SMALL_REQUEST_THRESHOLD;
}

function headOf({ allocator }: Cell): number {
  return allocator === 'PyObject_GC_New' ? GC_HEAD : 0;
}

function contents({ allocator, release }: Cell, size: number): readonly string[] {
  if (OBJECTS.includes(allocator)) return [];
  if (release === 'PyObject_GC_Del' && size >= 16) return [`asobject a ${size}`];
  return allocator === 'strdup' ? [] : [`write a 0 ${size} 0x5a`];
}

/** Later calls, which a damaged heap may not survive. */
function probes(size: number): readonly string[] {
  const calls = [
    ['m', 6, 'malloc', size],
    ['p', 6, 'PyMem_Malloc', size],
    ['o', 6, 'PyObject_Malloc', size],
    ['w', 3, 'PyMem_RawMalloc', size],
    ['g', 3, 'PyObject_GC_New', Math.max(16, size)],
    ['h', 3, 'PyObject_Malloc', size + 16],
  ] as const;
  return calls.flatMap(([slot, count, api, bytes]) =>
    Array.from({ length: count }, (_, index) => `${slot}${index} = ${api} ${bytes}`),
  );
}

/** In the words of the recording. */
export function outcomeOf({ end, lastOp, stderr }: Observed, released: number): string {
  if (end === 'exit') return 'end';
  const when = lastOp === released ? 'release' : 'later';
  if (end === 'segv') return `${when} SIGSEGV`;
  if (end !== 'abort') return `${when} ${end}`;
  const message = /Fatal Python error: [^\n]*/.exec(stderr)?.[0] ?? stderr.trimEnd();
  return `${when} SIGABRT ${message}`;
}

export interface Foretold {
  /** On the canonical heap. */
  readonly outcome: string;
  /** That and every outcome elsewhere in the address space, and on heaps with a past. */
  readonly all: ReadonlySet<string>;
  /** What decides between them; empty: every process ends like this. */
  readonly dependsOn: readonly string[];
}

export function foretell(cell: Cell): Foretold {
  const { lines, released } = cellScript(cell);
  const setup = { state: 'drained', mode: cell.mode } as const;
  const outcome = outcomeOf(simulate(setup, lines), released);
  const elsewhere = PLACES.map((layout) => outcomeOf(simulate(setup, lines, layout), released));
  // With a past a block need not be the first of a fresh pool.
  const usual = lines.map((line) => line.replace('fresh ', ''));
  const later = pasts(cell).map((past) =>
    outcomeOf(simulate(setup, [...past, ...usual]), past.length + released),
  );
  const differs = (other: string): boolean => other !== outcome;
  return {
    outcome,
    all: new Set([outcome, ...elsewhere, ...later]),
    dependsOn: [
      ...(elsewhere.some(differs) ? ['where the kernel put the heap (address randomization)'] : []),
      ...(later.some(differs) ? ['what the heap held before'] : []),
    ],
  };
}

/** Of a block of 200,000 bytes, decorated or not. */
const MAPPING_SIZE = 49 * 4096;

/** Layouts in which the heap, an arena or a mapping starts where glibc looks for the arena of a chunk. */
const PLACES: readonly Layout[] = [1, 2].map((mappings): Layout => {
  const drained = PORTABLE_LAYOUTS.drained;
  const heapStart = Number(heapForPtr(drained.heapStart));
  const moved = heapStart - drained.heapStart;
  const lowest = Number(heapForPtr(0x7fff_f7a0_0000));
  const start = lowest + mappings * MAPPING_SIZE;
  return {
    ...drained,
    heapStart,
    brk: drained.brk + moved,
    top: drained.top + moved,
    arenaBase: Number(heapForPtr(drained.arenaBase)),
    mappings: drained.mappings.map((range) =>
      range.start > lowest && range.start < drained.stack ? { start, end: range.end } : range,
    ),
  };
});

/** More than a tcache bin takes, for calloc() does not look there. */
const BLOCKS_BEFORE = 10;
/** Fills a pool with a size class that no cell uses. */
const POOL_FILLER = { size: 480, count: 34 };

/** Allocations before the cell's own that leave their bytes behind. */
function pasts(cell: Cell): readonly (readonly string[])[] {
  const bytes = ['0', '0x41', '0xff'];
  return isPooled(cell)
    ? [...bytes.map(usedPool), usedBlocks(cell, 1), usedBlocks(cell, 2)]
    : bytes.map((byte) => usedChunks(cell, byte));
}

/** A pool that was full and is free again. */
function usedPool(byte: string): readonly string[] {
  const { size, count } = POOL_FILLER;
  const slots = Array.from({ length: count }, (_, index) => `past${index}`);
  return [
    ...slots.flatMap((slot) => [
      `${slot} = PyMem_Malloc ${size}`,
      `write ${slot} 0 ${size} ${byte}`,
    ]),
    // The last to be free is the first of the pool: its link leads to another.
    ...slots.toReversed().map((slot) => `PyMem_Free ${slot}`),
  ];
}

/** Blocks of the cell's size, one in `step` of them free again; 1: none. */
function usedBlocks({ allocator, size }: Cell, step: number): readonly string[] {
  const slots = Array.from({ length: BLOCKS_BEFORE }, (_, index) => `past${index}`);
  return [
    ...slots.map((slot) => `${slot} = ${allocator} ${Math.max(size, 16)}`),
    ...slots
      .filter((_, index) => index % step === 1)
      .map((slot) => `${RELEASES[allocator] ?? 'PyObject_Free'} ${slot}`),
  ];
}

/** Free chunks of the cell's size between chunks in use whose last bytes are known. */
function usedChunks({ allocator, size: bytes }: Cell, byte: string): readonly string[] {
  const size = OBJECTS.includes(allocator) ? Math.max(bytes, 16) : bytes;
  const slots = Array.from({ length: BLOCKS_BEFORE }, (_, index) => `past${index}`);
  return [
    ...slots.flatMap((slot) => [
      `${slot}guard = malloc 24`,
      `write ${slot}guard 0 24 ${byte}`,
      `${slot} = ${allocator} ${size}`,
      `write ${slot} 0 ${size} ${byte}`,
    ]),
    'guard = malloc 24',
    `write guard 0 24 ${byte}`,
    ...slots.map((slot) => `${RELEASES[allocator] ?? 'PyObject_Free'} ${slot}`),
  ];
}

const RELEASES: Readonly<Record<string, string>> = {
  malloc: 'free',
  calloc: 'free',
  strdup: 'free',
  PyMem_RawMalloc: 'PyMem_RawFree',
  PyMem_Malloc: 'PyMem_Free',
  PyObject_GC_New: 'PyObject_GC_Del',
};
