// The typed reader of the table of memory functions. The rows are data: one JSON file per library, one
// row per line, only the columns that differ from the defaults below. Nothing else in the program
// names a C API function. Knows nothing of C text, calls or findings.
//
// Argument indices are 0-based and count macro arguments: in PyMem_New(TYPE, n) the type is 0, n is 1.
import type { Family } from '../../simulator/families.ts';
import type {
  FilledWhen,
  FormatContext,
  Kind,
  OnFailure,
  PointerBehavior,
  Role,
  SizeMeaning,
  ThreadStateEffect,
  ZeroSize,
} from './vocabulary.ts';
import { LIBRARIES, RELEASE_GROUPS } from './libraries.ts';

export interface ApiRow {
  readonly name: string;
  readonly kind: Kind;
  /** The data file that holds the row: `cpython`, `numpy`, `libc`, ... */
  readonly lib: string;
  readonly role: Role;
  /** Of the block that is allocated, freed or returned; null: no owned block. */
  readonly family: Family | null;
  /** Another family under a condition: a type flag, or a test of an argument (`arg4 != 0`). */
  readonly familyIf: Readonly<Record<string, Family>>;
  /** Another family by Python version: `<=3.12`. */
  readonly familyByVersion: Readonly<Record<string, Family>>;
  /** Families of the same allocator under another name. */
  readonly compatibleFamilies: readonly Family[];
  readonly aliasOf: string | null;
  /** The C prototype where one is known; the parameter list is what argument indices count. */
  readonly signature: string | null;
  readonly releasesWith: readonly string[];
  readonly reallocWith: readonly string[];
  /** The argument that the role acts on: freed, resized, taken over, tracked, initialized. */
  readonly pointerArg: number | null;
  /** A macro that assigns to this argument. */
  readonly assignsArg: number | null;
  /** `*arg` is passed to a realloc of the row's family. */
  readonly reallocsArg: number | null;
  /**
   * Arguments through which a value comes back: `*arg` is assigned. Of an `out-param` row the first
   * one receives the block, any others receive lengths and the like.
   */
  readonly outArgs: readonly number[];
  /** Of an `out-param-owned` function: the results with which there is a block; null: not known. */
  readonly filledWhen: FilledWhen | null;
  /** The member of the out argument that receives the block. */
  readonly member: string | null;
  readonly sizeArgs: readonly { readonly arg: number; readonly meaning: SizeMeaning }[];
  readonly ptrArgs: readonly { readonly arg: number; readonly behavior: PointerBehavior }[];
  /** Returns this argument itself; with `conditional`, when the condition does not hold. */
  readonly returnsArg: number | null;
  /** Returns a pointer into this argument's block, or NULL. */
  readonly returnsInterior: number | null;
  /** Of `returnsInterior`: as a rule the start of the block: `strtok`. */
  readonly returnsStart: boolean;
  /** The argument that names the function which releases `pointerArg`'s block later. */
  readonly destructorArg: number | null;
  /** Returns a pointer that the program itself gave to the API to keep. */
  readonly returnsKept: boolean;
  /** The member of the struct behind the first out argument that points into memory of somebody else: `buf`. */
  readonly lendsMember: string | null;
  /** The member beside it that receives the number of bytes, 0 or more: `len`. */
  readonly sizeMember: string | null;
  readonly steals: readonly number[];
  readonly stealsOnSuccessOnly: boolean;
  readonly replaces: readonly number[];
  readonly ref: 'new' | 'borrowed' | null;
  /** The argument that is called: a type makes an instance of itself. */
  readonly callableArg: number | null;
  /** A new reference is the only one: the object is never one that somebody has. */
  readonly isFresh: boolean;
  /** What a borrowed pointer lives as long as: "the str object". */
  readonly lifetime: string | null;
  readonly invalidatedBy: readonly string[];
  /** The call that returns a new reference where this one returns a borrowed one. */
  readonly strongAlternative: string | null;
  readonly mustNotFree: boolean;
  readonly nullOnFailure: boolean;
  /** The value of a named constant, or what every call of the function returns. */
  readonly constant: number | null;
  /** Always returns NULL: `return PyErr_NoMemory();`. */
  readonly returnsNull: boolean;
  /** Whether a failure sets a Python exception; null: not known. */
  readonly setsException: boolean | null;
  /** The C type of a number that Python code chooses, any value of it: from the unit, or returned. */
  readonly number: string | null;
  /** Sets an exception whenever it is called. */
  readonly raises: boolean;
  readonly onFailure: OnFailure | null;
  readonly zeroSize: ZeroSize | null;
  readonly overflowChecked: boolean;
  /** Arguments that are read or written through: NULL is a fault, unless another argument says 0 bytes. */
  readonly nonNull: readonly number[];
  /** NULL is a valid pointer argument. */
  readonly nullOk: boolean;
  readonly zeroed: boolean;
  readonly gcTracked: boolean | null;
  readonly requiresThreadState: boolean;
  /** What the call does to the thread state of the calling thread; null: nothing. */
  readonly threadState: ThreadStateEffect | null;
  /**
   * The argument that names a function which starts in a new thread, without a thread state. Of a class: the
   * argument of its constructor.
   */
  readonly threadEntryArg: number | null;
  /** Arguments that name functions which run before the call returns, in its thread. */
  readonly callbackArgs: readonly number[];
  /** Of a variable of Python: the function that a program assigns to it runs without a thread state. */
  readonly runsDetached: boolean;
  /** The argument that names the symbol whose address is returned. */
  readonly symbolArg: number | null;
  /** Asked again with the same arguments, it gives the same answer. */
  readonly repeatable: boolean;
  /** Returns not NULL exactly when an exception is set. */
  readonly asksException: boolean;
  /** The calls or macros that close what this one opens. */
  readonly pairEnd: readonly string[];
  /** Control does not come back. */
  readonly noReturn: boolean;
  /** Index of the format string. */
  readonly formatArg: number | null;
  /** Index of the first argument that the format describes; null: they come in a va_list. */
  readonly firstFormatValue: number | null;
  /** Of a function with a format: its language. Of a format unit: the language that it belongs to. */
  readonly context: FormatContext | null;
  readonly unit: string | null;
  /** The C arguments that a format unit consumes. */
  readonly cArgs: readonly string[];
  /** Which of `cArgs` receives the block. */
  readonly outIndexInUnit: number | null;
  /** First version with it, `<=2.7` for always; first one without it; first one that deprecates it. */
  readonly since: string | null;
  readonly removed: string | null;
  readonly deprecated: string | null;
  readonly softDeprecated: boolean;
  readonly private: boolean;
  readonly alsoFrees: readonly Family[];
  readonly notFor: readonly Family[];
  /**
   * The role holds only then: `arg0 == NULL`, `arg3 != 0`, `arg0 & FLAG`, `!(arg3 & FLAG)`,
   * `*out == NULL`, `format has %m`. Arguments are 0-based.
   */
  readonly conditional: string | null;
  readonly slotOf: string | null;
  readonly mustMatch: string | null;
  readonly allowedValues: Readonly<Partial<Record<Family, readonly string[]>>>;
  readonly forbiddenValues: readonly string[];
  /** The argument that holds flags; one of them may have the API release what it was given to keep. */
  readonly flagsArg: number | null;
  /** By what the API releases the memory that this flag, or callback, hands over. */
  readonly releasedBy: string | null;
  /** The memory has to come from one of these. */
  readonly mustReturnFrom: readonly string[];
  readonly note: string;
  readonly source: readonly string[];
}

/** A line of a data file: the defaults are left out. */
export type StoredRow = Partial<Omit<ApiRow, 'lib'>> & Pick<ApiRow, 'name' | 'role'>;

const NOTHING: readonly never[] = [];
const NO_ENTRY: Readonly<Record<string, never>> = {};

/** Written out so that every row has the same shape: building the table is a matter of milliseconds. */
const complete = (lib: string, row: StoredRow): ApiRow => ({
  name: row.name,
  kind: row.kind ?? 'function',
  lib,
  role: row.role,
  family: row.family ?? null,
  familyIf: row.familyIf ?? NO_ENTRY,
  familyByVersion: row.familyByVersion ?? NO_ENTRY,
  compatibleFamilies: row.compatibleFamilies ?? NOTHING,
  aliasOf: row.aliasOf ?? null,
  signature: row.signature ?? null,
  releasesWith: (row.releasesWith ?? NOTHING).flatMap((name) => RELEASE_GROUPS[name] ?? [name]),
  reallocWith: row.reallocWith ?? NOTHING,
  pointerArg: row.pointerArg ?? null,
  assignsArg: row.assignsArg ?? null,
  reallocsArg: row.reallocsArg ?? null,
  outArgs: row.outArgs ?? NOTHING,
  filledWhen: row.filledWhen ?? null,
  member: row.member ?? null,
  sizeArgs: row.sizeArgs ?? NOTHING,
  ptrArgs: row.ptrArgs ?? NOTHING,
  returnsArg: row.returnsArg ?? null,
  returnsInterior: row.returnsInterior ?? null,
  returnsStart: row.returnsStart ?? false,
  destructorArg: row.destructorArg ?? null,
  returnsKept: row.returnsKept ?? false,
  lendsMember: row.lendsMember ?? null,
  sizeMember: row.sizeMember ?? null,
  steals: row.steals ?? NOTHING,
  stealsOnSuccessOnly: row.stealsOnSuccessOnly ?? false,
  replaces: row.replaces ?? NOTHING,
  ref: row.ref ?? null,
  callableArg: row.callableArg ?? null,
  isFresh: row.isFresh ?? false,
  lifetime: row.lifetime ?? null,
  invalidatedBy: row.invalidatedBy ?? NOTHING,
  strongAlternative: row.strongAlternative ?? null,
  mustNotFree: row.mustNotFree ?? false,
  nullOnFailure: row.nullOnFailure ?? false,
  constant: row.constant ?? null,
  returnsNull: row.returnsNull ?? false,
  setsException: row.setsException ?? null,
  number: row.number ?? null,
  raises: row.raises ?? false,
  onFailure: row.onFailure ?? null,
  zeroSize: row.zeroSize ?? null,
  overflowChecked: row.overflowChecked ?? false,
  nonNull: row.nonNull ?? NOTHING,
  nullOk: row.nullOk ?? false,
  zeroed: row.zeroed ?? false,
  gcTracked: row.gcTracked ?? null,
  requiresThreadState: row.requiresThreadState ?? false,
  threadState: row.threadState ?? null,
  threadEntryArg: row.threadEntryArg ?? null,
  callbackArgs: row.callbackArgs ?? NOTHING,
  runsDetached: row.runsDetached ?? false,
  symbolArg: row.symbolArg ?? null,
  repeatable: row.repeatable ?? row.role === 'inquiry',
  asksException: row.asksException ?? false,
  pairEnd: row.pairEnd ?? NOTHING,
  noReturn: row.noReturn ?? false,
  formatArg: row.formatArg ?? null,
  firstFormatValue: row.firstFormatValue ?? null,
  context: row.context ?? null,
  unit: row.unit ?? null,
  cArgs: row.cArgs ?? NOTHING,
  outIndexInUnit: row.outIndexInUnit ?? null,
  since: row.since ?? null,
  removed: row.removed ?? null,
  deprecated: row.deprecated ?? null,
  softDeprecated: row.softDeprecated ?? false,
  private: row.private ?? false,
  alsoFrees: row.alsoFrees ?? NOTHING,
  notFor: row.notFor ?? NOTHING,
  conditional: row.conditional ?? null,
  slotOf: row.slotOf ?? null,
  mustMatch: row.mustMatch ?? null,
  allowedValues: row.allowedValues ?? NO_ENTRY,
  forbiddenValues: row.forbiddenValues ?? NOTHING,
  flagsArg: row.flagsArg ?? null,
  releasedBy: row.releasedBy ?? null,
  mustReturnFrom: row.mustReturnFrom ?? NOTHING,
  note: row.note ?? '',
  source: row.source ?? NOTHING,
});

const rows: readonly ApiRow[] = Object.entries(LIBRARIES).flatMap(([lib, stored]) =>
  stored.map((row) => complete(lib, row)),
);

// Where two libraries have a name, the earlier one in LIBRARIES keeps it.
const byName = new Map(rows.toReversed().map((row) => [row.name, row]));

/** What `lib` says of a row that a project declares. */
export const PROJECT = 'project';

export type OwnRows = ReadonlyMap<string, ApiRow>;

/** The rows that a project declares. */
export function ownRows(stored: readonly StoredRow[]): OwnRows {
  return new Map(stored.map((row) => [row.name, complete(PROJECT, row)]));
}

/** Those of the project under check; they come before the table's. */
let declared: OwnRows = new Map();

/** Calls `act` with a project's own rows in the table. */
export function withRows<T>(own: OwnRows, act: () => T): T {
  const before = declared;
  declared = own;
  try {
    return act();
  } finally {
    declared = before;
  }
}

/** The same for work in steps: between two of them another check may have rows of its own. */
export function* stepsWithRows<S, T>(own: OwnRows, steps: Generator<S, T>): Generator<S, T> {
  for (;;) {
    const step = withRows(own, () => steps.next());
    if (step.done === true) return step.value;
    yield step.value;
  }
}

/** The row of a function, macro, type slot or other C name. */
export function apiRow(name: string): ApiRow | undefined {
  const own = declared.size === 0 ? undefined : declared.get(name);
  if (own !== undefined) return own;
  const row = byName.get(name);
  return row === undefined || row.kind === 'format-unit' || row.kind === 'operator'
    ? undefined
    : row;
}

/**
 * The function of Python that a pointer from dlsym() or GetProcAddress() is named after: `dll_PyMem_Free`,
 * `PI_Py_DecodeLocale`; null: none.
 */
export function loadedApi(pointer: string): string | null {
  const name = /^(?:[A-Za-z]+_|[a-z]{1,3})(Py[A-Z]?[A-Za-z]*_\w+)$/.exec(pointer)?.[1];
  return name !== undefined && apiRow(name)?.lib === 'cpython' ? name : null;
}

/** The row of a C++ operator: `new`, `delete[]`. */
export function operatorRow(name: string): ApiRow | undefined {
  const row = byName.get(name);
  return row?.kind === 'operator' ? row : undefined;
}

export function formatUnit(
  context: 'PyArg_Parse' | 'Py_BuildValue',
  unit: string,
): ApiRow | undefined {
  return byName.get(`${context}:${unit}`);
}

/** The function that has a role of its own. */
export function apiWithRole(role: Role): string | null {
  return rows.find((row) => row.role === role)?.name ?? null;
}

/** A function out of view whose result is released by `release`. */
export function assumedAllocator(name: string, release: ApiRow): ApiRow {
  const { family } = release;
  const row = { name, role: 'alloc', family, nullOnFailure: true } as const;
  return complete('', { ...row, releasesWith: [release.name] });
}

/** Every row, duplicates included, in the order of LIBRARIES. */
export function allRows(): readonly ApiRow[] {
  return rows;
}
