// From the constants that a real process printed to the simulator's layout.
import type { Layout } from '../../simulator/start-state.ts';
import { word } from '../../simulator/word.ts';

export interface Constants {
  readonly heap: string;
  readonly brk: string;
  readonly top: string;
  readonly tcacheKey: string;
  readonly mainArena: string;
  readonly usedpools: string;
  readonly types: string;
  /** Index of the next arena object. */
  readonly arenaIndex: number;
  /** Readable ranges: start and end as hex. */
  readonly maps: readonly (readonly [string, string])[];
}

const USER_SPACE_END = 2 ** 47;
const FIRST_ARENA = 0x7e00_0000_1000;
/** Where the table may be when the process has no pymalloc. */
const UNUSED = 0x7ff0_0000_0000;

/** `arenas`: the arenas that the trace created, as hex. */
export function recordedLayout(constants: Constants, arenas: readonly string[]): Layout {
  const mappings = constants.maps
    .map(([start, end]) => ({ start: Number(start), end: Number(end) }))
    .filter((range) => range.end < USER_SPACE_END);
  const usedpools = word(BigInt(constants.usedpools));
  return {
    heapStart: Number(constants.heap),
    brk: Number(constants.brk),
    top: Number(constants.top),
    mainArena: word(BigInt(constants.mainArena)),
    tcacheKey: word(BigInt(constants.tcacheKey)),
    usedpools: usedpools > 0xffff ? usedpools : UNUSED,
    types: word(BigInt(constants.types)),
    arenaBase: arenas[0] === undefined ? FIRST_ARENA : Number(arenas[0]),
    arenaIndex: constants.arenaIndex,
    mappings,
    stack: Math.max(...mappings.map((range) => range.start)),
    isRecorded: true,
    threadId: 0,
  };
}
