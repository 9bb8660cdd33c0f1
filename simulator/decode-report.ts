// A report of a real crash that decode() knows, as data.

/** Who handed the block out, and who got it. */
export interface Cause {
  readonly from: string;
  readonly to: string;
}

export interface ReportFacts {
  readonly meaning: string;
  readonly causes: readonly Cause[];
  readonly lookFor: readonly string[];
  readonly rules: readonly string[];
}

export interface KnownReport extends ReportFacts {
  readonly source: 'debug hooks' | 'CPython' | 'glibc' | 'AddressSanitizer' | 'Valgrind' | 'shell';
  /** What of a line is quoted. */
  readonly pattern: RegExp;
  /** What the match, and the lines after it, tell in addition or instead. */
  readonly tell?: (match: RegExpExecArray, rest: string) => Partial<ReportFacts>;
  /** Bytes that stand for the API of a block. */
  readonly ids?: (match: RegExpExecArray) => readonly string[];
}

/** PyMem_Malloc to free() and the like. */
export const PYTHON_TO_FREE: readonly Cause[] = [
  { from: 'PyMem_Malloc, up to 512 bytes', to: 'free' },
  { from: 'PyObject_Malloc or PyObject_New, up to 512 bytes', to: 'free or PyMem_RawFree' },
];

export const GC_CAUSES: readonly Cause[] = [
  { from: 'PyObject_GC_New', to: 'free, or PyObject_Free for more than 512 bytes' },
];

/** Rules that find a release by another family. */
export const MIX_RULES = [
  'mismatched-free',
  'api-result-mismatch',
  'object-freed-as-memory',
] as const;
