// What glibc prints before it ends a process: the texts of malloc_printerr and of the assertions in malloc.c,
// 2.31 to 2.41. Causes as measured with every pair of allocator and release.
import { GC_CAUSES, type KnownReport, MIX_RULES, PYTHON_TO_FREE } from './decode-report.ts';

function glibc(
  pattern: RegExp,
  facts: Pick<KnownReport, 'meaning' | 'causes' | 'lookFor' | 'rules'>,
): KnownReport {
  return { source: 'glibc', pattern, ...facts };
}

const OVERFLOW = {
  causes: [],
  lookFor: [
    'a write behind a block of malloc(): the block before the one that is named in a debugger',
    'products that overflow before they are given to malloc()',
  ],
  rules: ['size-overflow', 'use-after-free'],
} as const;

const STALE = {
  causes: [{ from: 'any block', to: 'a release, and a write through the old pointer' }],
  lookFor: [
    'a pointer that is used after its block was released',
    'a block that is released twice',
  ],
  rules: ['use-after-free', 'double-free'],
} as const;

export const DAMAGE_REPORTS: readonly KnownReport[] = [
  glibc(/free\(\): double free detected in tcache 2/, {
    meaning: 'free() got a block that lies on the list of free blocks already.',
    causes: [{ from: 'malloc', to: 'free, twice' }],
    lookFor: [
      'error paths that release what a later label releases again',
      'two owners of a field',
    ],
    rules: ['double-free'],
  }),
  glibc(/double free or corruption \((fasttop|!prev|top)\)/, {
    meaning:
      'free() got a block that counts as free already, or one whose neighbor was overwritten.',
    causes: [{ from: 'malloc', to: 'free, twice' }],
    lookFor: ['a second release of the same pointer', 'a write behind the block before it'],
    rules: ['double-free', 'size-overflow'],
  }),
  glibc(/double free or corruption \(out\)/, {
    meaning:
      'free() took the 8 bytes before the block for its size, and a block of that size would end outside of the heap. Under release builds this is the usual end of Python memory that free() gets; it need not be a double free.',
    causes: PYTHON_TO_FREE,
    lookFor: [
      'where the pointer comes from: PyMem_*, PyObject_*, "es" units, PyUnicode_AsWideCharString',
    ],
    rules: [...MIX_RULES, 'non-heap-free'],
  }),
  glibc(/free\(\): invalid pointer/, {
    meaning:
      'free() got a pointer that no block of malloc() starts at, or one before which lie zeros: Python memory, the middle of a block, the stack, a literal, an object of the collector.',
    causes: [
      ...PYTHON_TO_FREE,
      ...GC_CAUSES,
      { from: 'a variable, a literal or the middle of a block', to: 'free' },
    ],
    lookFor: ['where the pointer comes from, and whether it was moved on its way'],
    rules: [...MIX_RULES, 'non-heap-free', 'interior-free', 'allocator-slot-mismatch'],
  }),
  glibc(/free\(\): invalid size/, {
    meaning:
      'free() found a size before the block that no block has. With PYTHONMALLOC=debug that is the header of a PyMem_Malloc block.',
    causes: [{ from: 'PyMem_Malloc under PYTHONMALLOC=debug', to: 'free' }, ...PYTHON_TO_FREE],
    lookFor: ['where the pointer comes from'],
    rules: MIX_RULES,
  }),
  glibc(/(munmap_chunk|mremap_chunk)\(\): invalid pointer/, {
    meaning:
      'The byte 8 before the block has the bit that glibc uses for blocks with a mapping of their own. Under PYTHONMALLOC=debug it is the letter r or o of the debug hooks.',
    causes: [
      {
        from: 'PyMem_RawMalloc or PyObject_Malloc under PYTHONMALLOC=debug',
        to: 'free or realloc',
      },
      ...PYTHON_TO_FREE,
    ],
    lookFor: ['where the pointer comes from'],
    rules: [...MIX_RULES, 'mismatched-realloc'],
  }),
  glibc(/realloc\(\): invalid (?:pointer|old size|next size)/, {
    meaning:
      'realloc() got a block that malloc() did not hand out, or one whose header was overwritten.',
    causes: [
      { from: 'PyMem_Malloc or PyObject_Malloc, up to 512 bytes', to: 'realloc' },
      { from: 'PyObject_GC_New', to: 'realloc' },
    ],
    lookFor: ['where the pointer comes from', 'a write behind the block'],
    rules: ['mismatched-realloc', 'size-overflow'],
  }),
  glibc(/free\(\): invalid next size \((?:fast|normal)\)/, {
    meaning: 'The header of the block behind the released one was overwritten.',
    ...OVERFLOW,
  }),
  glibc(
    /malloc\(\): (?:corrupted top size|invalid size \(unsorted\)|invalid next size \(unsorted\)|mismatching next->prev_size \(unsorted\)|invalid next->prev_inuse \(unsorted\)|memory corruption[^\n]*)/,
    {
      meaning:
        'malloc() found a header that was overwritten. The write came earlier, from a block before it.',
      ...OVERFLOW,
    },
  ),
  glibc(/corrupted size vs\. prev_size[ \w]*/, {
    meaning: 'Two neighbors in the heap disagree about their sizes: one header was overwritten.',
    ...OVERFLOW,
  }),
  glibc(
    /corrupted double-linked list(?: \(not small\))?|malloc\(\): (?:unsorted double linked list corrupted|smallbin double linked list corrupted|corrupted unsorted chunks[ \d]*|largebin double linked list corrupted[^\n]*)|free\(\): corrupted unsorted chunks|free\(\): chunks in smallbin corrupted/,
    {
      meaning: 'A list of free blocks is damaged: somebody wrote into a block that was released.',
      ...STALE,
    },
  ),
  glibc(
    /(?:malloc|free)\(\): (?:unaligned|too many chunks)[^\n]*|malloc_consolidate\(\): [^\n]*|invalid fastbin entry \(free\)/,
    {
      meaning:
        'The chain of recently released blocks leads astray: one of them was written to, or released twice.',
      ...STALE,
    },
  ),
  glibc(/Fatal glibc error: malloc[^\n]*|[\w.-]+: malloc\.c:\d+: \w+: Assertion [^\n]*/, {
    meaning: 'An assertion inside malloc() does not hold: the heap was damaged before.',
    ...OVERFLOW,
  }),
  glibc(/\b(?:malloc|free|realloc|calloc)\(\): [a-z][^\n]*/, {
    meaning: 'A check of the C library found the heap damaged.',
    ...OVERFLOW,
  }),
];
