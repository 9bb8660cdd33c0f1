// What each planted defect of examples/wordbag does to a real interpreter, and the calls that show it.

export type Outcome = 'dies' | 'survives';

export interface PlantedDefect {
  /** The function of the module, or the method, that holds the marked line. */
  readonly where: string;
  readonly mix: string;
  /** Part of a line marked DEFECT; two where the defect takes two lines. */
  readonly marks: readonly string[];
  readonly call: string;
  /** The same call over blocks of more than 512 bytes, which pymalloc leaves to malloc. */
  readonly largeCall: string | null;
  readonly release: Outcome;
  readonly releaseLarge: Outcome | null;
  readonly debug: Outcome;
  /** From this Python on, the release build dies whatever the columns say. */
  readonly diesSince: string | null;
}

const planted = (
  defect: Pick<PlantedDefect, 'where' | 'mix' | 'marks' | 'call' | 'release'> &
    Partial<PlantedDefect>,
): PlantedDefect => ({
  largeCall: null,
  releaseLarge: null,
  debug: 'dies',
  diesSince: null,
  ...defect,
});

export const DEFECTS: readonly PlantedDefect[] = [
  planted({
    where: 'WordBag',
    mix: 'field: `PyMem_Malloc` in init, `free` in dealloc',
    marks: ['free(self->separators);'],
    call: 'wordbag.WordBag(" ,.")',
    release: 'dies',
    largeCall: 'wordbag.WordBag(" " * 1000)',
    releaseLarge: 'survives',
  }),
  planted({
    where: 'merge',
    mix: '`PyObject_New`, `PyMem_Free` on an error path',
    marks: ['PyMem_Free(merged);'],
    // The bag with separators is never deallocated: that would be the first defect.
    call: `kept = wordbag.WordBag(",")
try:
    wordbag.merge(kept, wordbag.WordBag.__new__(wordbag.WordBag))
except ValueError:
    pass
import sys
sys.kept = kept
exit_now = True`,
    release: 'survives',
  }),
  planted({
    where: 'fold',
    mix: '`"es"` buffer, `free`',
    marks: ['free(text);'],
    call: 'wordbag.fold("Some Words")',
    release: 'dies',
    largeCall: 'wordbag.fold("Some Words" * 100)',
    releaseLarge: 'survives',
  }),
  planted({
    where: 'columns',
    mix: '`PyUnicode_AsWideCharString`, `PyMem_RawFree`',
    marks: ['PyMem_RawFree(wide);'],
    call: 'wordbag.columns("Some Words")',
    release: 'dies',
    largeCall: 'wordbag.columns("Some Words" * 100)',
    releaseLarge: 'survives',
  }),
  planted({
    where: 'starts',
    mix: '`PyMem_New`, grown with `realloc`',
    marks: ['realloc(starts,'],
    call: 'wordbag.starts("a b c d e f")',
    release: 'dies',
  }),
  planted({
    where: 'repeat',
    mix: 'wrapper pair: `malloc` inside one, `PyMem_Free` inside the other',
    marks: ['#define SCRATCH_FREE'],
    call: 'wordbag.repeat("ab", 8)',
    release: 'survives',
    largeCall: 'wordbag.repeat("ab", 500)',
    releaseLarge: 'survives',
  }),
  planted({
    where: 'longest',
    mix: '`PyMem_Malloc` in a helper, `free` at the cleanup label',
    marks: ['free(copy);'],
    call: 'wordbag.longest("some words here")',
    release: 'dies',
    largeCall: 'wordbag.longest("some words here " * 100)',
    releaseLarge: 'survives',
  }),
  planted({
    where: 'letters',
    mix: '`PyMem_Malloc` without a thread state',
    marks: ['PyMem_Malloc((size_t)length + 1);', 'PyMem_Free(copy);'],
    call: 'wordbag.letters("some words")',
    release: 'survives',
    diesSince: '3.12',
  }),
];

/** Calls of the functions that hold no defect in either version. */
export const SOUND_CALLS: readonly string[] = [
  'wordbag.first_line("/proc/self/status")',
  'wordbag.count("a b a", "a")',
  'wordbag.WordBag.__new__(wordbag.WordBag).add("some words")',
];

/** The row of a defect in examples/README.md. */
export function readmeRow(defect: PlantedDefect): string {
  const { where, mix, release, releaseLarge, debug, diesSince } = defect;
  const since = diesSince === null ? '' : ` (dies from ${diesSince})`;
  return `| \`${where}\` | ${mix} | ${release}${since} | ${releaseLarge ?? '-'} | ${debug} |`;
}
