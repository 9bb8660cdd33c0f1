// The verdict matrix: how one path ends on many targets, what of it is certain, and where the replay opens.
// What is expected was measured on real interpreters.
import { describe, expect, test } from 'vitest';
import { judge } from '../../simulator/judgment.ts';
import { lineText } from '../../simulator/styled-text.ts';
import { DEBUG, RELEASE, type Target } from '../../simulator/target.ts';
import { bestTarget, targetsFor, verdictOf } from '../../simulator/verdict.ts';
import { verdictLines, verdictText } from '../../simulator/verdict-text.ts';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import {
  access,
  alloc,
  free,
  FREE,
  GC_NEW,
  holder,
  MALLOC,
  MEM,
  MEM_FREE,
  OBJECT_FREE,
  pathOf,
  realloc,
  threadState,
} from './path-builder.ts';

const REALLOC = { api: 'realloc', family: 'libc' } as const;
const GC_DEL = { api: 'PyObject_GC_Del', family: 'py-gc-object' } as const;
const MALLOC_BUILD: Target = { ...RELEASE, build: 'malloc' };

/** The size is one that the source leaves open. */
function chosen(path: FlaggedPath): FlaggedPath {
  const steps = path.steps.map((step) =>
    step.kind === 'alloc' ? { ...step, size: { ...step.size, source: 'n', chosen: true } } : step,
  );
  return { ...path, steps };
}

const rowsOf = (path: FlaggedPath, targets?: readonly Target[]) =>
  verdictOf(path, targets).rows.map(({ builds, sizes, end, others, dependsOn }) => ({
    builds: builds.join(' '),
    sizes: sizes.join(' '),
    end: end.kind,
    words: end.lastWords,
    others: others.map(({ kind, lastWords }) => `${kind} ${lastWords}`.trim()),
    dependsOn: dependsOn.join(', '),
  }));

describe('PyMem_Malloc and free', () => {
  const path = chosen(pathOf(alloc('p', MEM, 24), free('p', FREE)));

  test('depends on the bytes before the block, on where the heap lies, and on 512 bytes', () => {
    expect(rowsOf(path)).toEqual([
      {
        builds: 'release',
        sizes: 'small',
        end: 'dies here',
        words: 'double free or corruption (out)',
        others: [
          'dies here munmap_chunk(): invalid pointer',
          'dies here',
          'dies here free(): invalid pointer',
          'silent',
        ],
        dependsOn: 'the bytes before the block',
      },
      // PYTHONMALLOC=malloc hides it, and so does a block that pymalloc hands on to malloc.
      {
        builds: 'release',
        sizes: 'large',
        end: 'harmless',
        words: '',
        others: [],
        dependsOn: '',
      },
      {
        builds: 'debug malloc_debug',
        sizes: 'small large',
        end: 'dies here',
        words: '',
        others: ['dies here free(): invalid size'],
        dependsOn: 'where the kernel put the heap (address randomization)',
      },
      {
        builds: 'malloc',
        sizes: 'small large',
        end: 'harmless',
        words: '',
        others: [],
        dependsOn: '',
      },
    ]);
  });

  test('a size that the source fixes is the only one', () => {
    const { sizes, rows } = verdictOf(pathOf(alloc('p', MEM, 24), free('p', FREE)));
    expect(sizes).toEqual([{ size: 'as written', bytes: 24 }]);
    expect(rows.map(({ builds }) => builds.join(' '))).toEqual([
      'release',
      'debug malloc_debug',
      'malloc',
    ]);
  });
});

test.each([
  // A C buffer that keeps at least 8 spare bytes; one whose last bytes are before the next block.
  [24, ["dies here Debug memory block at address p=0x...: API '!'"]],
  [32, ["dies here Debug memory block at address p=0x...: API '1'"]],
])(
  'malloc(%i) and PyMem_Free die in the hooks, in the report or while it is printed',
  (size, others) => {
    const [harmless, debug] = rowsOf(pathOf(alloc('p', MALLOC, size), free('p', MEM_FREE)), [
      RELEASE,
      DEBUG,
      MALLOC_BUILD,
    ]);
    expect(harmless).toMatchObject({ builds: 'release malloc', end: 'harmless', dependsOn: '' });
    expect(debug).toMatchObject({
      end: 'dies here',
      others,
      dependsOn: 'the bytes before the block',
    });
    expect(debug?.words).toMatch(/^Fatal Python error: _PyMem_DebugRawFree: bad ID: /);
  },
);

test('an object of the collector that PyObject_Free gets dies later, or at once', () => {
  const path = chosen(pathOf(alloc('o', GC_NEW, 64), free('o', OBJECT_FREE)));
  const rows = rowsOf(path, [RELEASE, DEBUG, MALLOC_BUILD]);
  expect(rows[0]).toMatchObject({ builds: 'release', sizes: 'small', end: 'dies later' });
  expect(rows[0]?.dependsOn).toContain('what the process does next');
  expect(rows.slice(1).map(({ end, words, dependsOn }) => [end, words, dependsOn])).toEqual([
    ['dies here', 'free(): invalid pointer', ''],
    [
      'dies here',
      "Fatal Python error: _PyMem_DebugRawFree: bad ID: Allocated using API '\\x00', verified using API 'o'",
      '',
    ],
    ['dies here', 'free(): invalid pointer', ''],
  ]);
});

test('shared bytes end in a death when the process goes on long enough', () => {
  const [row] = rowsOf(pathOf(alloc('p', MEM, 24), free('p', MEM_FREE, 16)), [RELEASE]);
  expect(row).toMatchObject({ end: 'overlap', others: ['dies later'] });
  expect(row?.dependsOn).toContain('what the process does next');
});

test('realloc says its own words where the heap happens to be mapped', () => {
  const { end, others } = judge(pathOf(alloc('p', MEM, 24), realloc('p', REALLOC, 48)), DEBUG);
  expect(end).toMatchObject({ kind: 'dies here', signal: 'SIGSEGV', lastWords: '' });
  expect(others.map(({ lastWords }) => lastWords)).toEqual(['realloc(): invalid old size']);
});

test.each([
  ['a leak', pathOf(alloc('p', MEM, 24), holder('drop', 'p', 'p')), 'leak'],
  ['a repaired path', pathOf(alloc('p', MEM, 24), free('p', MEM_FREE)), 'clean'],
  [
    'a read of released memory',
    pathOf(alloc('p', MEM, 24), free('p', MEM_FREE), access('read', 'p', { offset: 0, size: 8 })),
    'silent',
  ],
])('%s ends alike everywhere', (_, path, kind) => {
  const rows = rowsOf(path);
  expect(rows).toEqual([
    {
      builds: 'release debug malloc malloc_debug',
      sizes: 'as written',
      end: kind,
      words: '',
      others: [],
      dependsOn: '',
    },
  ]);
});

test('an overflow is judged with its distance to the end, whatever the size', () => {
  const write = access('write', 'p', { offset: 24, size: 16 });
  const overflow = chosen(pathOf(alloc('p', MALLOC, 24), write, free('p', FREE)));
  const kinds = rowsOf({ ...overflow, fault: 1 }).map(({ end }) => end);
  expect(new Set(kinds)).toEqual(new Set(['dies later']));
});

describe('the target that shows it best', () => {
  test('is the build that dies, with what the other one does', () => {
    expect(bestTarget(pathOf(alloc('p', MALLOC, 24), free('p', MEM_FREE)))).toEqual({
      target: DEBUG,
      why: "on PYTHONMALLOC=debug it dies at the flagged step with SIGABRT: Fatal Python error: _PyMem_DebugRawFree: bad ID: Allocated using API '!', verified using API 'm'; on the release build it goes on unharmed: here both functions end in the same allocator",
    });
  });

  test('is the release build where both show the same', () => {
    expect(bestTarget(pathOf(alloc('p', MEM, 24), free('p', FREE))).target).toEqual(RELEASE);
  });
});

test('the text says where, how, and what decides, in 80 columns', () => {
  const path = chosen(pathOf(alloc('p', MALLOC, 24), free('p', MEM_FREE)));
  const text = verdictText(verdictOf(path)).map(lineText);
  expect(text.join('\n')).toMatchInlineSnapshot(`
    "How it ends  SIMULATED (model 1)
      release build, PYTHONMALLOC=malloc
        HARMLESS         goes on unharmed: here both functions end in the same
                           allocator
      PYTHONMALLOC=debug and malloc_debug
        DIES HERE        SIGABRT: Fatal Python error: _PyMem_DebugRawFree: bad ID:
                           Allocated using API '!', verified using API 'm'
                         depends on the bytes before the block
                         or dies here: SIGSEGV: Debug memory block at address
                           p=0x...: API '!'
      CPython 3.13t and 3.14t (free-threaded), by rule, not replayed
        DIES HERE        SIGSEGV: nothing is printed"
  `);
  expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(verdictLines(verdictOf(path))).toEqual([
    'release build, PYTHONMALLOC=malloc: goes on unharmed: here both functions end in the same allocator',
    "PYTHONMALLOC=debug and malloc_debug: dies at the flagged step with SIGABRT: Fatal Python error: _PyMem_DebugRawFree: bad ID: Allocated using API '!', verified using API 'm' (depends on the bytes before the block)",
    'CPython 3.13t and 3.14t (free-threaded), by rule, not replayed: dies at the flagged step with SIGSEGV, and prints nothing',
  ]);
});

test('every Python and every C library has a say, newer ones where they differ', () => {
  const path = pathOf(alloc('p', MEM, 24), realloc('p', REALLOC, 48));
  const rows = verdictOf(path).rows.filter(({ builds }) => builds.includes('release'));
  const libcs = rows.map(({ targets }) => new Set(targets.map(({ libc }) => libc)).size);
  expect(libcs).toEqual([4, 1]);
});

const ruled = (path: FlaggedPath): readonly (readonly string[])[] =>
  verdictOf(path).byRule.map(({ end, dependsOn }) => [
    end.kind,
    end.lastWords,
    dependsOn.join(', '),
  ]);

describe('free-threaded builds', () => {
  test('have a row where a rule was measured', () => {
    expect(ruled(pathOf(alloc('p', MEM, 24), free('p', FREE)))).toEqual([
      ['dies here', 'free(): invalid pointer', 'the bytes before the block'],
    ]);
    expect(ruled(pathOf(alloc('p', MALLOC, 24), free('p', MEM_FREE)))).toEqual([
      ['dies here', '', ''],
    ]);
    expect(ruled(pathOf(alloc('p', MEM, 24), free('p', OBJECT_FREE)))).toEqual([
      ['harmless', '', ''],
    ]);
  });

  test.each([
    ['a release in order', pathOf(alloc('p', MEM, 24), free('p', MEM_FREE))],
    ['a pointer into the block', pathOf(alloc('p', MEM, 24), free('p', FREE, 8))],
    [
      'a block that is free already',
      pathOf(alloc('p', MEM, 24), free('p', MEM_FREE), free('p', FREE)),
    ],
    ['no thread state', pathOf(alloc('p', MALLOC, 24), threadState(false), free('p', MEM_FREE))],
    ['an object of the collector', pathOf(alloc('p', MEM, 24), free('p', GC_DEL))],
  ])('have none for %s', (_, path) => {
    expect(ruled(path)).toEqual([]);
  });

  test('have none where the project is for older versions', () => {
    const path = pathOf(alloc('p', MALLOC, 24), free('p', MEM_FREE));
    expect(verdictOf(path, targetsFor(['3.12'])).byRule).toEqual([]);
    expect(verdictOf(path, targetsFor(['3.12', '3.13'])).byRule[0]?.pythons).toEqual(['3.13t']);
  });
});
