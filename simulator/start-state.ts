// How a process begins: where things lie, and the heap at the start. The portable layouts are invented, so
// that a replay is the same everywhere; a recorded process's layout makes even printed pointers equal.
import type { Range } from './memory.ts';
import type { CPython } from './versions.ts';
import type { Word } from './word.ts';

export interface Layout {
  /** Start of the brk heap, page aligned. */
  readonly heapStart: number;
  /** The program break. */
  readonly brk: number;
  /** `drained`: address of the top chunk; 0 when malloc was never called. */
  readonly top: number;
  readonly mainArena: Word;
  readonly tcacheKey: Word;
  readonly usedpools: Word;
  /** Room for type objects. */
  readonly types: Word;
  /** Arena n lies at arenaBase + n * ARENA_STRIDE. */
  readonly arenaBase: number;
  /** Index of the first arena_object that is not in use. */
  readonly arenaIndex: number;
  /** What is mapped, the stack included; mmap looks for gaps among them. */
  readonly mappings: readonly Range[];
  readonly stack: number;
  /** Loads from `mappings` that are not modelled: unknown in a recorded process, a fault otherwise. */
  readonly isRecorded: boolean;
  /** The thread's name in a fatal report. */
  readonly threadId: Word;
}

/** Distance between the arenas of one process. */
export const ARENA_STRIDE = 2 ** 21;

/** The heap at the start. */
export type StartState =
  /** nothing was ever allocated: the interpreter was not initialized; no GC objects */
  | 'pristine'
  /** after Py_Initialize, with every free block handed out first: the canonical state of a replay */
  | 'drained';

const PORTABLE_PRISTINE: Layout = {
  heapStart: 0x5555_5580_0000,
  brk: 0x5555_5580_0000,
  top: 0,
  mainArena: 0x7fff_f7df_1c60,
  tcacheKey: 0x5dc4_d7c8_a1b3_e96bn,
  usedpools: 0x7fff_f7e5_0000,
  types: 0x5555_5556_0000,
  arenaBase: 0x7e00_0000_1000,
  arenaIndex: 0,
  mappings: [
    { start: 0x5555_5555_4000, end: 0x5555_5558_2000 },
    { start: 0x7fff_f7a0_0000, end: 0x7fff_f7ff_f000 },
    { start: 0x7fff_fffd_e000, end: 0x7fff_ffff_f000 },
  ],
  stack: 0x7fff_fffd_e000,
  isRecorded: false,
  threadId: 0x7fff_f7d2_e740,
};

const HEAP_SIZE_AFTER_START = 0x1a_c000;
const TOP_AFTER_START = 0x18_dc50;
const ARENAS_AFTER_START = 2;

export const PORTABLE_LAYOUTS: Record<StartState, Layout> = {
  pristine: PORTABLE_PRISTINE,
  drained: {
    ...PORTABLE_PRISTINE,
    brk: PORTABLE_PRISTINE.heapStart + HEAP_SIZE_AFTER_START,
    top: PORTABLE_PRISTINE.heapStart + TOP_AFTER_START,
    arenaIndex: ARENAS_AFTER_START,
  },
};

/** What Py_FatalError prints after its first line. */
export function runtimeState(state: StartState, layout: Layout, cpython: CPython): string {
  if (state === 'pristine') return 'Python runtime state: unknown\n\n';
  const thread = layout.threadId.toString(16).padStart(16, '0');
  return `Python runtime state: initialized\n\nCurrent thread 0x${thread}${cpython.threadName} (most recent call first):\n${cpython.noFrame}\n`;
}
