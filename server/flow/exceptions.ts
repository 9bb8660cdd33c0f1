// Failures that leave no exception: an allocation that sets none gives NULL, and the function hands the
// failure on to a caller who expects one. Anything that might set an exception in between is taken to.
import type { Cfg } from '../cfg/instruction.ts';
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import type { Role } from '../knowledge/vocabulary.ts';
import { type Listener, preprocessorFacts, subjectAtStart } from './events.ts';
import type { Exit } from './explore.ts';
import type { FunctionDefinition } from './functions.ts';
import type { ParsedFile } from './unit.ts';
import { eventsOf, type TraceEvent } from './trace.ts';

/** Roles of functions that leave the exception state as it is. */
const QUIET_ROLES: ReadonlySet<Role> = new Set([
  'free',
  'object-free',
  'handle-free',
  'refcount-inc',
  'refcount-dec',
  'gil-acquire',
  'gil-release',
  'gil-swap',
  'buffer-release',
  'gc-untrack',
  'lock-acquire',
  'lock-release',
  'inquiry',
] as const);

/** Libraries that know of Python's exceptions. */
const PYTHON_LIBRARIES: ReadonlySet<string> = new Set(['cpython', 'numpy']);

export function rowMayRaise(row: ApiRow): boolean {
  return PYTHON_LIBRARIES.has(row.lib) && row.setsException !== false && !QUIET_ROLES.has(row.role);
}

/** Whether a function of the program may set an exception; `calleeMayRaise` knows its callees. */
export function functionMayRaise(cfg: Cfg, calleeMayRaise: (name: string) => boolean): boolean {
  return cfg.blocks.some((block) =>
    block.instructions.some(
      (i) => i.op === 'call' && (i.callee.kind !== 'function' || calleeMayRaise(i.callee.name)),
    ),
  );
}

/** How a function says that it failed with an exception set. */
export interface ErrorReturn {
  readonly value: 0 | -1;
  /** The interpreter itself calls it and looks for the exception. */
  readonly isMethod: boolean;
  readonly returnsObject: boolean;
}

const NAMES_AND_LISTS = /(?:\w+::)*(\w+)\s*\(/g;

/** What stands before the name of the function. */
function declaredResult({ text, name }: FunctionDefinition): string {
  const plain = /\w+$/.exec(name)?.[0] ?? name;
  const names = text.slice(0, 300).matchAll(NAMES_AND_LISTS);
  const own = [...names].find(([, each]) => each === plain);
  return text.slice(0, own?.index ?? 0);
}

/** What the function returns is too small for a pointer. */
export function returnsNumber(definition: FunctionDefinition): boolean {
  return /\b(?:int|short|char|(?:un)?signed|_?[bB]ool|float|double)\s*$/.test(
    declaredResult(definition),
  );
}

/** null: nothing says that callers expect an exception. */
export function errorReturnOf(
  definition: FunctionDefinition,
  file: Pick<ParsedFile, 'methods'>,
  /** In the tp_init of a type. */
  isInitializer: boolean,
): ErrorReturn | null {
  const declared = declaredResult(definition);
  const returnsObject = /\bPyObject\s*\*\s*$/.test(declared);
  const isMethod = file.methods.has(definition.name);
  if (isInitializer && /\bint\s*$/.test(declared))
    return { value: -1, isMethod: true, returnsObject };
  if (isMethod && returnsObject) return { value: 0, isMethod, returnsObject };
  const raises = [...definition.mentions].some((name) => apiRow(name)?.raises === true);
  if (!raises) return null;
  if (/\*\s*$/.test(declared)) return { value: 0, isMethod: false, returnsObject };
  return /\b(?:int|Py_ssize_t|npy_intp|long)\s*$/.test(declared)
    ? { value: -1, isMethod: false, returnsObject }
    : null;
}

/** Tells of the exits that hand on a failed allocation without an exception. */
export function reportSilentFailures(
  exits: readonly Exit[],
  expected: ErrorReturn,
  listen: Listener,
): void {
  for (const exit of exits) {
    const failed = silentFailure(exit, expected);
    if (failed === null) continue;
    const { state, at } = exit;
    listen({
      kind: 'silent-failure',
      subject: subjectAtStart(failed.id, null, null),
      allocation: failed.allocation,
      returned: expected.value === 0 ? 'NULL' : '-1',
      isMethod: expected.isMethod,
      returnsOther: expected.value === 0 && !expected.returnsObject,
      // Where other ways come with an exception set, a new one would replace it.
      canRaiseHere:
        expected.returnsObject &&
        exit.isLiteral &&
        exits.every((other) => other.at !== at || silentFailure(other, expected) !== null),
      trace: state.trace,
      compiledIf: preprocessorFacts(state.facts),
      at,
    });
  }
}

function silentFailure(
  { state, value }: Exit,
  expected: ErrorReturn,
): (TraceEvent & { kind: 'alloc' }) | null {
  if (!state.hasSilentFailure || value?.kind !== 'int' || value.value !== expected.value) {
    return null;
  }
  const events = eventsOf(state.trace);
  const failed = events.findLast((e) => e.kind === 'null');
  const tried = events.findLast((e) => e.kind === 'alloc' && e.id === failed?.id);
  if (tried?.kind !== 'alloc' || tried.allocation.row.setsException !== false) return null;
  return tried;
}
