// What AddressSanitizer and Valgrind say of blocks. Both name the place; what they cannot know is which of
// Python's allocators stands behind an address.
import { type KnownReport, MIX_RULES } from './decode-report.ts';

const FIRST_FRAME = 'the first frames that are not of the tool: they are the release';

const bySanitizer = (
  pattern: RegExp,
  facts: Omit<KnownReport, 'source' | 'pattern'>,
): KnownReport => ({ source: 'AddressSanitizer', pattern, ...facts });

const byValgrind = (
  pattern: RegExp,
  facts: Omit<KnownReport, 'source' | 'pattern'>,
): KnownReport => ({ source: 'Valgrind', pattern, ...facts });

const DOUBLE = {
  meaning: 'The block was released before; the report names both releases.',
  causes: [{ from: 'any block', to: 'a release, and then another one' }],
  lookFor: ['error paths that release what a later label releases again'],
  rules: ['double-free'],
} as const;

const STALE = {
  meaning: 'The code uses a block that it has released; the report names the release.',
  causes: [{ from: 'any block', to: 'a release, and a use through the old pointer' }],
  lookFor: ['a pointer that is kept after the release', 'a borrowed pointer whose owner is gone'],
  rules: ['use-after-free', 'borrowed-free'],
} as const;

const BEYOND = {
  meaning: 'The code goes beyond the end, or before the start, of a block.',
  causes: [],
  lookFor: ['how the size was computed', 'a string without room for its final NUL'],
  rules: ['size-overflow'],
} as const;

const FOREIGN = {
  meaning:
    'free() or realloc() got an address that malloc() did not hand out: memory of pymalloc (PyMem_Malloc, PyObject_Malloc up to 512 bytes), the stack, static memory.',
  causes: [
    { from: 'PyMem_Malloc or PyObject_Malloc, up to 512 bytes', to: 'free' },
    { from: 'a variable or a literal', to: 'free' },
  ],
  lookFor: [FIRST_FRAME, 'where the pointer comes from'],
  rules: [...MIX_RULES, 'non-heap-free'],
};

/** A pointer a few bytes into a block of malloc(): a header lies before what the program sees. */
function insideBlock(bytes: number): Partial<KnownReport> {
  const isHeader = bytes === 16 || bytes === 32;
  return {
    meaning: isHeader
      ? `free() got an address ${bytes} bytes into a block of malloc(): before the pointer lies the header of the collector (PyObject_GC_New) or of the debug hooks.`
      : `free() got an address ${bytes} bytes into a block of malloc(), not its start.`,
    causes: isHeader
      ? [
          { from: 'PyObject_GC_New', to: 'free or PyObject_Free' },
          { from: 'any Python allocator under PYTHONMALLOC=debug', to: 'free' },
        ]
      : [{ from: 'a block whose pointer was moved', to: 'free' }],
    lookFor: [FIRST_FRAME, 'arithmetic on the pointer'],
    rules: isHeader
      ? ['object-freed-as-memory', 'allocator-slot-mismatch', 'mismatched-free']
      : ['interior-free'],
  };
}

export const TOOL_REPORTS: readonly KnownReport[] = [
  bySanitizer(/AddressSanitizer: attempting double-free[^\n]*/, DOUBLE),
  bySanitizer(/AddressSanitizer: attempting free on address which was not malloc\(\)-ed[^\n]*/, {
    ...FOREIGN,
    tell: (_, rest) => {
      const inside = / is located (\d+) bytes inside of \d+-byte region/.exec(rest)?.[1];
      return inside === undefined ? {} : insideBlock(Number(inside));
    },
  }),
  bySanitizer(/AddressSanitizer: (?:heap-)?use-after-free[^\n]*/, STALE),
  bySanitizer(/AddressSanitizer: heap-buffer-overflow[^\n]*/, BEYOND),
  bySanitizer(/AddressSanitizer: (?:stack|global)-buffer-overflow[^\n]*/, BEYOND),
  bySanitizer(/AddressSanitizer: alloc-dealloc-mismatch \(([^)]*)\)/, {
    meaning:
      'The block was allocated by one function of C++ or C and released by one of another kind.',
    causes: [],
    lookFor: ['new with delete, new[] with delete[], malloc with free'],
    rules: ['mismatched-free'],
    tell: ([, pair = '']) => {
      const [from, to] = pair.split(' vs ');
      return from === undefined || to === undefined ? {} : { causes: [{ from, to }] };
    },
  }),
  bySanitizer(/AddressSanitizer: SEGV on unknown address[^\n]*/, {
    meaning: 'The code used an address where nothing is; near 0 it is a NULL that was not checked.',
    causes: [],
    lookFor: ['results of allocations that are used unchecked'],
    rules: ['unchecked-allocation', 'use-after-free'],
  }),
  bySanitizer(/LeakSanitizer: detected memory leaks/, {
    meaning:
      'Blocks were left to which no pointer remains. Python itself leaves some; those with frames of the extension count.',
    causes: [],
    lookFor: [
      'frames of the extension among the stacks',
      'returns between an allocation and its release',
    ],
    rules: ['memory-leak', 'realloc-loses-block'],
  }),
  byValgrind(/Invalid free\(\) \/ delete \/ delete\[\] \/ realloc\(\)/, {
    ...FOREIGN,
    tell: (_, rest) => {
      if (/bytes inside a block of size \d+ free'd/.test(rest)) return DOUBLE;
      const inside = /is (\d+) bytes inside a block of size \d+ alloc'd/.exec(rest)?.[1];
      return inside === undefined ? {} : insideBlock(Number(inside));
    },
  }),
  byValgrind(/Mismatched free\(\) \/ delete \/ delete \[\]/, {
    meaning:
      'The block was allocated by one function of C++ or C and released by one of another kind.',
    causes: [{ from: 'new or new[]', to: 'free, or the other delete' }],
    lookFor: [FIRST_FRAME],
    rules: ['mismatched-free'],
  }),
  byValgrind(/Invalid (?:read|write) of size \d+/, {
    ...BEYOND,
    tell: (_, rest) => (/inside a block of size \d+ free'd/.test(rest) ? STALE : {}),
  }),
  byValgrind(/Process terminating with default action of signal \d+ \(SIG\w+\)/, {
    meaning: 'The process died of this signal under Valgrind.',
    causes: [],
    lookFor: ['the first report above: what comes later often follows from it'],
    rules: [],
  }),
  byValgrind(/[\d,]+ bytes in [\d,]+ blocks are definitely lost[^\n]*/, {
    meaning:
      'Blocks were left to which no pointer remains. With PYTHONMALLOC=malloc Valgrind sees each block of Python.',
    causes: [],
    lookFor: ['returns between an allocation and its release'],
    rules: ['memory-leak', 'realloc-loses-block'],
  }),
];
