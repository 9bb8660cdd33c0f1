// The simulated process beyond its allocators: copies, what the walks of its structures report, notes, and
// how a death is described.
import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProcessDeath } from '../../simulator/fault.ts';
import { parseOps } from '../../simulator/op-script.ts';
import { Process } from '../../simulator/process.ts';
import { runOps } from '../../simulator/run-ops.ts';
import { DEBUG, RELEASE, type Target } from '../../simulator/target.ts';
import { type Profile, scripts } from './random-script.ts';

const plain = { zeroed: false };

function death(run: () => unknown): ProcessDeath {
  try {
    run();
  } catch (error) {
    if (error instanceof ProcessDeath) return error;
    throw error;
  }
  throw new Error('the process lives');
}

describe('clone', () => {
  test('each side goes its own way', () => {
    const first = new Process(RELEASE);
    const block = first.alloc('libc', 24, plain);
    first.fill(block, 24, 0x41);
    const second = first.clone();
    second.fill(block, 24, 0x42);
    second.free('libc', block);
    expect(first.read(block, 2)).toEqual(Uint8Array.of(0x41, 0x41));
    expect(second.alloc('libc', 24, plain)).toBe(block);
    expect(first.alloc('libc', 24, plain)).not.toBe(block);
  });

  test.each([RELEASE, DEBUG])('a copy continues as the original would: $build', (target) => {
    assert(
      property(scripts('mixed', { gc: true }), (lines) => {
        const ops = parseOps(lines);
        const original = new Process(target);
        const copy = original.clone();
        expect(runOps(copy.clone(), ops)).toEqual(runOps(original, ops));
      }),
      { numRuns: 40, seed: 5 },
    );
  });
});

describe('structure', () => {
  test('a freed chunk is on its tcache bin, and top ends the heap', () => {
    const process = new Process(RELEASE, { state: 'pristine' });
    const block = process.alloc('libc', 40, plain);
    process.free('libc', block);
    const kinds = process.chunks().map((chunk) => chunk.kind);
    expect(kinds).toEqual(['tcache-struct', 'tcache', 'top']);
    expect(process.freeLists()).toEqual([
      { name: 'tcache bin 1 (48 bytes)', kind: 'tcache', entries: [block], corrupt: null },
    ]);
  });

  test('an overwritten size word is reported, and the walk goes on at top', () => {
    const process = new Process(RELEASE, { state: 'pristine' });
    const block = process.alloc('libc', 24, plain);
    process.alloc('libc', 24, plain);
    process.fill(block + 24, 8, 0x41);
    const chunks = process.chunks();
    expect(chunks.at(-2)?.corrupt).toContain('0x4141414141414141');
    expect(chunks.at(-1)?.kind).toBe('top');
  });

  test('a pool shows its blocks and its free list', () => {
    const process = new Process(RELEASE);
    const blocks = [1, 2, 3].map(() => process.alloc('mem', 32, plain));
    process.free('mem', blocks[1] ?? 0);
    const [pool] = process.pools();
    expect(pool).toMatchObject({ blockSize: 32, count: 2, corrupt: null });
    expect(pool?.freeList[0]).toBe(blocks[1]);
    expect(pool?.blocks.slice(0, 4).map((block) => block.state)).toEqual([
      'used',
      'free',
      'used',
      'free',
    ]);
  });

  test('a link out of the pool is reported', () => {
    const process = new Process(RELEASE);
    const block = process.alloc('mem', 32, plain);
    process.free('mem', block);
    process.fill(block, 8, 0x41);
    expect(process.pools()[0]?.corrupt).toContain('0x4141414141414141');
  });

  test.each<[string, Target, number, string]>([
    ['a small block', RELEASE, 32, 'pymalloc'],
    ['a large block', RELEASE, 600, 'ptmalloc'],
    ['a huge block', RELEASE, 200_000, 'mmap'],
    ['a decorated block', DEBUG, 32, 'pymalloc'],
  ])('%s is served by its allocator', (_, target, size, allocator) => {
    const process = new Process(target);
    const block = process.alloc('obj', size, plain);
    const server = process.serves(block + size - 1);
    expect(server.allocator).toBe(allocator);
    expect(server.block).toBeLessThanOrEqual(block);
    expect(server.block + server.usable).toBeGreaterThanOrEqual(block + size);
    expect(process.serves(0x1234).allocator).toBe('none');
  });

  test.each<Profile>(['corrupt', 'bins'])('walking never throws: %s', (profile) => {
    assert(
      property(scripts(profile, { gc: true }), (lines) => {
        const process = new Process(RELEASE);
        runOps(process, parseOps(lines));
        for (const chunk of process.chunks()) expect(chunk.size).toBeGreaterThan(0);
        const last = process.chunks().at(-1);
        expect((last?.address ?? 0) + (last?.size ?? 0)).toBe(process.ptmalloc.kernel.brk);
        for (const pool of process.pools()) process.serves(pool.address + 100);
        process.freeLists();
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  test('a sound heap walks sound', () => {
    assert(
      property(scripts('clean', { gc: true }), (lines) => {
        const process = new Process(RELEASE);
        expect(runOps(process, parseOps(lines)).end).toBe('exit');
        expect(process.chunks().filter((chunk) => chunk.corrupt !== null)).toEqual([]);
        expect(process.freeLists().filter((list) => list.corrupt !== null)).toEqual([]);
        for (const pool of process.pools()) {
          const used = pool.blocks.filter((block) => block.state === 'used').length;
          expect({ pool, used }).toEqual({ pool: { ...pool, corrupt: null }, used: pool.count });
        }
      }),
      { numRuns: 40, seed: 12 },
    );
  });
});

describe('death', () => {
  test('an abort has the text, the reason with its operands, and the notes that led there', () => {
    const process = new Process(RELEASE);
    const block = process.alloc('mem', 24, plain);
    process.takeNotes();
    const error = death(() => process.free('libc', block));
    expect(error.signal).toBe('SIGABRT');
    expect(error.text).toBe('double free or corruption (out)\n');
    expect(error.reason).toContain('behind the end of the heap');
    expect(process.takeNotes()[0]).toMatch(/^free\(\) read the 8 bytes before the block/);
  });

  test('a use of unmapped memory is a segmentation fault at that address', () => {
    const process = new Process(RELEASE);
    const block = process.alloc('libc', 200_000, plain);
    process.free('libc', block);
    expect(death(() => process.read(block, 1))).toMatchObject({
      signal: 'SIGSEGV',
      text: '',
      address: block,
    });
  });

  test('a report that faults keeps what it had printed', () => {
    const process = new Process(DEBUG);
    const before = process.alloc('libc', 24, plain);
    process.fill(before, 24, 0x41);
    const block = process.alloc('libc', 24, plain);
    const error = death(() => process.free('mem', block));
    expect(error.signal).toBe('SIGSEGV');
    expect(error.text).toMatch(/^Debug memory block at address p=0x[0-9a-f]+: API '!'\n/);
    expect(error.text).toMatch(/at tail=0x[0-9a-f]+ are $/);
  });
});

describe('limits', () => {
  test('a request that no machine has memory for yields NULL', () => {
    const process = new Process(RELEASE);
    expect(process.alloc('libc', 2 ** 50, plain)).toBe(0);
    expect(process.alloc('mem', 2 ** 50, plain)).toBe(0);
    expect(process.alloc('libc', 24, plain)).not.toBe(0);
  });

  test('zero bytes: libc gives a block, realloc releases it', () => {
    const process = new Process(RELEASE);
    const block = process.alloc('libc', 0, plain);
    expect(block).not.toBe(0);
    expect(process.realloc('libc', block, 0)).toBe(0);
    expect(process.alloc('libc', 0, plain)).toBe(block);
  });

  test('two processes are equal to the byte', () => {
    expect(mixUnderDebug()).toEqual(mixUnderDebug());
  });
});

function mixUnderDebug(): readonly string[] {
  const process = new Process(DEBUG);
  const block = process.alloc('mem', 24, plain);
  const error = death(() => process.free('obj', block));
  return [error.text, ...process.takeNotes()];
}
