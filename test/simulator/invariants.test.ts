// What holds in every simulated heap that nobody damaged, whatever was allocated and freed in whichever
// order; and that a clone goes its own way.
import { array, assert, constantFrom, nat, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Heap } from '../../simulator/families.ts';
import { Process } from '../../simulator/process.ts';
import { BUILDS, LIBCS, PYTHONS, type Target } from '../../simulator/target.ts';

const HEAPS: readonly Heap[] = ['libc', 'raw', 'mem', 'obj', 'gc'];
const RUNS = 60;

interface Action {
  readonly heap: Heap;
  readonly size: number;
  /** What to do with which live block. */
  readonly roll: number;
}

const actions = array(
  record({ heap: constantFrom(...HEAPS), size: nat(3000), roll: nat(2 ** 20) }),
  { minLength: 1, maxLength: 150 },
);
const targets = record({
  python: constantFrom(...PYTHONS),
  build: constantFrom(...BUILDS),
  libc: constantFrom(...LIBCS),
}).map((choice): Target => ({ ...choice, bits: 64 }));

interface Block {
  readonly heap: Heap;
  readonly address: number;
  readonly size: number;
}

/** Allocates, resizes and frees as a correct program does; the blocks that are live at the end. */
function play(process: Process, list: readonly Action[]): readonly Block[] {
  const live: Block[] = [];
  for (const { heap, size, roll } of list) {
    const index = Math.floor(roll / 4) % Math.max(1, live.length);
    const block = live[index];
    if (block === undefined || roll % 4 < 2) {
      const bytes = heap === 'gc' ? Math.max(16, size) : size;
      const address = process.alloc(heap, bytes, { zeroed: roll % 8 === 0 });
      if (heap === 'gc') process.initObject(address, bytes, { gc: true });
      process.fill(address, heap === 'gc' ? 0 : bytes, 0x61);
      live.push({ heap, address, size: bytes });
    } else if (roll % 4 === 2 && block.heap !== 'gc' && size > 0) {
      const address = process.realloc(block.heap, block.address, size);
      live[index] = { heap: block.heap, address, size };
    } else {
      process.free(block.heap, block.address);
      live.splice(index, 1);
    }
  }
  return live;
}

function holds(check: (process: Process, live: readonly Block[]) => void): void {
  assert(
    property(targets, actions, (target, list) => {
      const process = new Process(target, { explains: false });
      check(process, play(process, list));
    }),
    { numRuns: RUNS, seed: 20240611 },
  );
}

describe('a heap in use', () => {
  test('its chunks tile it from the start to the break', () => {
    holds((process) => {
      const chunks = process.chunks();
      for (const [index, chunk] of chunks.entries()) {
        expect(chunk.corrupt).toBeNull();
        const next = chunks[index + 1];
        if (next !== undefined) expect(next.address).toBe(chunk.address + chunk.size);
      }
      expect(chunks.at(-1)?.kind).toBe('top');
    });
  });

  test('its free lists hold free memory, and nothing twice', () => {
    holds((process, live) => {
      const used = new Set(live.map(({ address }) => address));
      const entries = process.freeLists().flatMap((list) => {
        expect(list.corrupt).toBeNull();
        return list.entries;
      });
      expect(new Set(entries).size).toBe(entries.length);
      expect(entries.filter((entry) => used.has(entry))).toEqual([]);
      const starts = new Set(process.chunks().map((chunk) => chunk.address + 16));
      expect(entries.filter((entry) => !starts.has(entry))).toEqual([]);
    });
  });

  test('live blocks do not overlap', () => {
    holds((_, live) => {
      const sorted = live.toSorted((a, b) => a.address - b.address);
      for (const [index, block] of sorted.entries()) {
        const next = sorted[index + 1];
        if (next !== undefined)
          expect(block.address + Math.max(1, block.size)).toBeLessThanOrEqual(next.address);
      }
    });
  });

  test('a pool counts the blocks that it handed out', () => {
    holds((process) => {
      for (const pool of process.pools()) {
        expect(pool.corrupt).toBeNull();
        const used = pool.blocks.filter((block) => block.state === 'used').length;
        expect(used).toBe(pool.count);
      }
    });
  });

  test('an arena counts its free pools', () => {
    holds((process) => {
      for (const arena of process.arenas()) {
        const used = process
          .pools()
          .filter((pool) => pool.arena === arena.address && pool.count > 0).length;
        expect(used + arena.nfreepools).toBe(arena.ntotalpools);
      }
    });
  });

  test('a clone that goes on leaves the original as it was', () => {
    assert(
      property(targets, actions, actions, (target, list, more) => {
        const process = new Process(target, { explains: false });
        play(process, list);
        const before = snapshot(process);
        const clone = process.clone();
        play(clone, more);
        expect(snapshot(process)).toBe(before);
        const again = process.clone();
        play(again, more);
        expect(snapshot(again)).toBe(snapshot(clone));
      }),
      { numRuns: RUNS / 4, seed: 20240611 },
    );
  });
});

/** Every byte of the heap and of the arenas. */
function snapshot(process: Process): string {
  const { heapStart } = process.layout;
  const end = process.chunks().at(-1);
  const heap = end === undefined ? [] : [{ start: heapStart, end: end.address + end.size }];
  const arenas = process
    .arenas()
    .map(({ address, size }) => ({ start: address, end: address + size }));
  return [...heap, ...arenas]
    .map(({ start, end: stop }) => `${start} ${checksum(process.read(start, stop - start))}`)
    .join('\n');
}

function checksum(bytes: Uint8Array): number {
  let hash = 2166136261;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 16777619);
  return hash >>> 0;
}
