// How fast the simulated heap is: allocator calls in one process, and a path of 100 steps replayed on 20
// targets.
//   npm run bench:simulator
import { BUILDS, RELEASE, type Target } from '../simulator/target.ts';
import { Process } from '../simulator/process.ts';
import type { Heap } from '../simulator/families.ts';
import type { FlaggedPath, Size, Span, Step } from '../simulator/flagged-path.ts';
import { replay } from '../simulator/replay.ts';
import { DEFAULT_TARGETS, verdictOf } from '../simulator/verdict.ts';
import { cpuTime } from './measure.ts';
import { table } from './table.ts';

const CALLS = 1_000_000;
const LIVE = 1000;
const STEPS = 100;
const TARGETS = 20;

/** Allocates and frees blocks of 16 to 800 bytes in a fixed irregular order; calls per second. */
function callsPerSecond(heap: Heap, build: Target['build']): number {
  const simulated = new Process({ ...RELEASE, build }, { explains: false });
  const blocks: number[] = [];
  let state = 1;
  const ms = cpuTime(() => {
    for (let call = 0; call < CALLS; call++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      if (blocks.length === LIVE || (blocks.length > 0 && state % 2 === 0)) {
        const index = (state >>> 8) % blocks.length;
        const [last = 0] = blocks.splice(-1);
        const freed = blocks[index] ?? last;
        if (index < blocks.length) blocks[index] = last;
        simulated.free(heap, freed);
      } else {
        blocks.push(simulated.alloc(heap, 16 + ((state >>> 8) % 785), { zeroed: false }));
      }
    }
  });
  return (CALLS / ms) * 1000;
}

function sizeOf(bytes: number): Size {
  return { bytes, source: null, chosen: true };
}

/** Many blocks that come and go as they should, then one that is mixed up. */
function pathOf(steps: number): FlaggedPath {
  const at: Span = { file: 'bench.c', line: 1, column: 1, endLine: 1, endColumn: 2 };
  const pairs = Array.from({ length: (steps - 2) / 2 }, (_, index): readonly Step[] => {
    const common = { at, text: 'call', block: `b${index}`, pointer: `b${index}` };
    const alloc = { ...common, api: 'PyMem_Malloc', family: 'py-mem' } as const;
    const bytes = sizeOf(16 + 24 * index);
    return [
      { ...alloc, kind: 'alloc', size: bytes, zeroed: false, outcome: 'ok' },
      { ...common, kind: 'free', api: 'PyMem_Free', family: 'py-mem', offset: 0 },
    ];
  });
  const last = { at, text: 'call', block: 'last', pointer: 'last' };
  const mixed: readonly Step[] = [
    {
      ...last,
      kind: 'alloc',
      api: 'malloc',
      family: 'libc',
      size: sizeOf(100),
      zeroed: false,
      outcome: 'ok',
    },
    { ...last, kind: 'free', api: 'PyMem_Free', family: 'py-mem', offset: 0 },
  ];
  return {
    version: 1,
    rule: 'mismatched-free',
    steps: [...pairs.flat(), ...mixed],
    fault: steps - 1,
  };
}

/** Milliseconds of the processor, the best of ten: the first ones are not compiled yet. */
function best(act: () => void): string {
  const times = Array.from({ length: 10 }, () => cpuTime(act));
  return Math.min(...times).toFixed(0);
}

const HEAPS: readonly Heap[] = ['libc', 'raw', 'mem', 'obj'];
const rows = HEAPS.flatMap((heap) =>
  BUILDS.map((build) => [`${heap}, ${build}`, callsPerSecond(heap, build).toFixed(0)]),
);
console.log(table(['heap', 'allocator calls per second'], rows));

const path = pathOf(STEPS);
const targets = DEFAULT_TARGETS.slice(0, TARGETS);
console.log(`
${STEPS} steps, every frame: ${best(() => replay(path, RELEASE))} ms
${STEPS} steps, verdict on ${TARGETS} targets: ${best(() => verdictOf(path, targets))} ms`);
