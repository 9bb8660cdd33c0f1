// A row of the knowledge table as a summary. What a call does can depend on its arguments: a format
// string, a null pointer. Everything the row does not say is unknown.
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import { isObjectFamily, isOnStack } from '../knowledge/release.ts';
import type { FilledWhen, PointerBehavior, Role } from '../knowledge/vocabulary.ts';
import { rowMayRaise } from './exceptions.ts';
import { ANYTHING } from './fact.ts';
import { type CallValues, parsesFormat } from './parsed-arguments.ts';
import { isMet } from './row-condition.ts';
import { isTracked, isUntold, lendsMember, numberFrom } from './row-values.ts';
import { UNTRACKS_NOTHING } from './untracking.ts';
import {
  allocStep,
  argumentPath,
  changed,
  NOT_NULL,
  type Outcome,
  outPath,
  PLAIN_OUTCOME,
  plainBut,
  type Summary,
  type SummaryValue,
} from './summary.ts';
import type { Value } from './value.ts';

/** Of rows that do the same whatever they are given. */
const known = new WeakMap<ApiRow, Summary>();

export function apiSummary(row: ApiRow, call: CallValues): Summary {
  if (asksArguments(row)) return summaryOf(row, call);
  let summary = known.get(row);
  if (summary === undefined) {
    summary = summaryOf(row, call);
    known.set(row, summary);
  }
  return summary;
}

function asksArguments({ role, symbolArg }: ApiRow): boolean {
  return ASKING.has(role) || symbolArg !== null;
}

const ASKING: ReadonlySet<Role> = new Set([
  'alloc',
  'owned-result',
  'object-alloc',
  'realloc',
  'out-param-owned',
  'buffer-acquire',
  'format-parser',
] as const);

function summaryOf(row: ApiRow, call: CallValues): Summary {
  const filled = row.ptrArgs.filter((p) => p.behavior === 'filled').map((p) => argumentPath(p.arg));
  const ways = row.noReturn ? [] : withThread(row, outcomes(row, call));
  return {
    name: row.name,
    outcomes: ways.map((o) =>
      changed(o, { escapes: escapesOf(row), clobbers: [...o.clobbers, ...filled] }),
    ),
    structs: [],
    dereferences: row.nonNull,
    mayRaise: rowMayRaise(row),
    untracking: UNTRACKS_NOTHING,
    escapesFrom: Infinity,
    fills: [],
    elementReleases: [],
  };
}

function withThread(row: ApiRow, ways: readonly Outcome[]): readonly Outcome[] {
  const { threadState } = row;
  if (threadState === null) return ways;
  if (threadState === 'ask') {
    return [
      plainBut({ returns: { kind: 'number', fact: NOT_NULL }, thread: 'attach' }),
      plainBut({ returns: { kind: 'int', value: 0 }, thread: 'forget' }),
    ];
  }
  return ways.map((way) => changed(way, { thread: threadState }));
}

function outcomes(row: ApiRow, call: CallValues): Outcome[] {
  const args = call.values;
  switch (row.role) {
    case 'alloc':
    case 'owned-result':
    case 'object-alloc':
      return allocates(row, args);
    case 'realloc':
      return row.returnsArg === null ? reallocates(row, args) : reopens(row, row.returnsArg);
    case 'free':
    case 'handle-free':
    case 'object-free':
    case 'buffer-release':
      return frees(row);
    case 'refcount-dec':
      return [drops(row)];
    case 'out-param-owned':
    case 'buffer-acquire':
      return fillsOwned(row, args);
    case 'out-param-borrow': {
      const lent: SummaryValue = { kind: 'lent', as: 'borrowed', row, fact: ANYTHING };
      return [
        plainBut({
          assigns: row.outArgs.map((arg, i) => ({
            path: outPath(arg, row.member),
            value: i === 0 && row.mustNotFree ? lent : { kind: 'unknown' },
          })),
        }),
      ];
    }
    case 'format-parser':
      return parsesFormat(row, call);
    case 'borrow': {
      const symbol = row.symbolArg === null ? undefined : args[row.symbolArg];
      if (symbol?.kind === 'text' && apiRow(symbol.text) !== undefined) {
        return [plainBut({ returns: { kind: 'function', name: symbol.text } })];
      }
      const lent = plainBut({ assigns: fillsScalars(row), returns: lends(row) });
      // strchr() finds the character or gives NULL.
      return row.returnsInterior === null
        ? [lent]
        : [lent, changed(lent, { returns: { kind: 'int', value: 0 } })];
    }
    case 'takes-ownership':
    case 'keeps-pointer':
    case 'steals-reference':
      return [keeps(row)];
    default: {
      const plain: Outcome = plainBut({
        assigns: [
          ...fillsScalars(row),
          ...lendsMember(row, row.outArgs[0], { isFilled: false }),
          ...assignsNull(row),
        ],
        returns: returned(row),
      });
      // fgets() gives its buffer, or NULL at the end of the file.
      const mayFail = row.returnsArg !== null && row.nullOnFailure && row.family === null;
      return mayFail ? [plain, changed(plain, { returns: { kind: 'int', value: 0 } })] : [plain];
    }
  }
}

function returned(row: ApiRow): SummaryValue {
  if (row.returnsNull) return { kind: 'int', value: 0 };
  if (row.constant !== null) return { kind: 'int', value: row.constant };
  if (row.returnsArg !== null) {
    return wholePath(row.returnsArg);
  }
  if (row.returnsInterior !== null) {
    const inside = !row.returnsStart;
    return { kind: 'path', path: argumentPath(row.returnsInterior), interior: true, inside };
  }
  // What is needed to attach again.
  if (row.threadState === 'detach') return { kind: 'number', fact: NOT_NULL };
  if (row.ref !== null && row.role !== 'refcount-inc' && row.role !== 'object-init') {
    return { kind: 'lent', as: 'reference', row, fact: ANYTHING };
  }
  if (row.role === 'refcount-inc' && row.ref === 'new' && row.pointerArg !== null) {
    return wholePath(row.pointerArg);
  }
  return numberFrom(row);
}

function wholePath(argument: number): SummaryValue {
  return { kind: 'path', path: argumentPath(argument), interior: false, inside: false };
}

function lends(row: ApiRow): SummaryValue {
  const value = returned(row);
  if (value.kind !== 'unknown' || !row.mustNotFree) return value;
  return { kind: 'lent', as: 'borrowed', row, fact: ANYTHING };
}

function allocates(row: ApiRow, args: readonly Value[]): Outcome[] {
  const plain: Outcome = plainBut({ assigns: fillsScalars(row), returns: returned(row) });
  if (isOnStack(row.family)) return [changed(plain, { returns: { kind: 'stack' } })];
  if (!isTracked(row)) return [plain];
  if (row.conditional !== null && !isMet(row.conditional, args)) return [plain];
  return [
    changed(plain, {
      steps: [allocStep(row, 0)],
      returns: { kind: 'fresh', index: 0 },
    }),
  ];
}

function reallocates(row: ApiRow, args: readonly Value[]): Outcome[] {
  const { pointerArg } = row;
  if (pointerArg === null || row.family === null) return [PLAIN_OUTCOME];
  const path = argumentPath(pointerArg);
  const fresh: SummaryValue = { kind: 'fresh', index: 0 };
  const nothing: SummaryValue = { kind: 'failure', allocation: null, row };
  const assigned = (value: SummaryValue): Outcome['assigns'] =>
    row.assignsArg === null ? [] : [{ path: argumentPath(row.assignsArg), value }];
  const pointer = args[pointerArg];
  if (pointer?.kind === 'int' && pointer.value === 0) {
    return [
      plainBut({
        steps: [allocStep(row, 0)],
        assigns: assigned(fresh),
        returns: fresh,
      }),
    ];
  }
  const step = { kind: 'realloc', path, allocation: null, release: null, row } as const;
  const fails: Outcome = plainBut({
    steps:
      row.onFailure === 'argument-freed' || row.onFailure === 'argument-cleared'
        ? [{ kind: 'free', path, certainty: 'always', release: null, row }]
        : [{ ...step, index: null }],
    assigns: assigned(nothing),
    returns: nothing,
  });
  const works: Outcome = plainBut({
    steps: [{ ...step, index: 0 }],
    assigns: assigned(fresh),
    returns: fresh,
  });
  return row.nullOnFailure ? [works, fails] : [works];
}

/** freopen() gives the stream that it was given, or NULL: then it may be closed. */
function reopens(row: ApiRow, argument: number): Outcome[] {
  const path = argumentPath(argument);
  return [
    plainBut({ returns: wholePath(argument) }),
    plainBut({
      steps: [{ kind: 'free', path, certainty: 'sometimes', release: null, row }],
      returns: { kind: 'int', value: 0 },
    }),
  ];
}

function frees(row: ApiRow): Outcome[] {
  if (row.pointerArg === null) return [PLAIN_OUTCOME];
  if (isUntold(row)) return [PLAIN_OUTCOME];
  const path =
    row.member === null ? argumentPath(row.pointerArg) : outPath(row.pointerArg, row.member);
  return [
    plainBut({
      steps: [{ kind: 'free', path, certainty: 'always', release: null, row }],
      // PyBuffer_Release() leaves NULL there.
      assigns: row.member === null ? assignsNull(row) : [{ path, value: ZERO }],
    }),
  ];
}

function drops(row: ApiRow): Outcome {
  const assigns = assignsNull(row);
  if (row.pointerArg === null) return plainBut({ assigns });
  const path = argumentPath(row.pointerArg);
  return plainBut({
    steps: [{ kind: 'drop', path, certainty: 'always', release: null, row }],
    assigns,
  });
}

/** None exports no buffer. */
function notNone(row: ApiRow, argument: number): Outcome['tests'] {
  if (row.role !== 'buffer-acquire') return [];
  return [{ path: argumentPath(argument), constant: 'f:Py_None', equal: false }];
}

/** `*out = new block`. */
function fillsOwned(row: ApiRow, args: readonly Value[]): Outcome[] {
  const [arg] = row.outArgs;
  if (arg === undefined) return [PLAIN_OUTCOME];
  const path = outPath(arg, row.member);
  const isMade = row.conditional === null || isMet(row.conditional, args);
  if (!isTracked(row) || isObjectFamily(row.family) || !isMade) {
    return [plainBut({ assigns: [{ path, value: { kind: 'unknown' } }] })];
  }
  const filled: Outcome = plainBut({
    when: row.nonNull.map((i) => ({ path: argumentPath(i), fact: NOT_NULL })),
    tests: row.nonNull.flatMap((i) => notNone(row, i)),
    // getline() resizes the block that it finds, if any.
    steps: [{ ...allocStep(row, 0), isShared: row.filledWhen === null }],
    assigns: [
      ...fillsScalars(row).slice(row.lendsMember === null ? 1 : 0),
      { path, value: { kind: 'fresh', index: 0 } },
      ...lendsMember(row, arg, { isFilled: true }),
    ],
  });
  const results = row.filledWhen === null ? null : RESULTS[row.filledWhen];
  if (results === null) return [filled];
  const failed: Outcome = plainBut({
    // PyObject_GetBuffer() leaves NULL there.
    assigns: [...fillsScalars(row), ...(row.lendsMember === null ? [] : [{ path, value: ZERO }])],
  });
  return [
    changed(filled, { returns: results.filled }),
    changed(failed, { returns: results.failed }),
  ];
}

const ZERO: SummaryValue = { kind: 'int', value: 0 };
const NONZERO: SummaryValue = { kind: 'number', fact: NOT_NULL };

/** null: the result tells nothing. */
const RESULTS: Readonly<
  Record<FilledWhen, { readonly filled: SummaryValue; readonly failed: SummaryValue } | null>
> = {
  always: null,
  '== 0': { filled: ZERO, failed: NONZERO },
  '!= 0': { filled: NONZERO, failed: ZERO },
  '>= 0': {
    filled: { kind: 'number', fact: { low: 0, high: Infinity, not: [] } },
    failed: { kind: 'number', fact: { low: -Infinity, high: -1, not: [] } },
  },
};

function fillsScalars(row: ApiRow): Outcome['assigns'] {
  return row.outArgs.map((arg) => ({ path: outPath(arg, null), value: { kind: 'unknown' } }));
}

function assignsNull(row: ApiRow): Outcome['assigns'] {
  if (row.assignsArg === null) return [];
  const value: SummaryValue =
    row.role === 'refcount-dec' ? { kind: 'int', value: 0 } : { kind: 'unknown' };
  return [{ path: argumentPath(row.assignsArg), value }];
}

const ESCAPING_BEHAVIORS: ReadonlySet<PointerBehavior> = new Set([
  'kept',
  'kept-static',
  'contents-kept',
  'names-kept-static',
  'destructor-decides',
] as const);

/** Roles that give the argument another owner, or count its owners. */
const ESCAPING_ROLES: ReadonlySet<Role> = new Set([
  'takes-ownership',
  'replaces-reference',
  'refcount-inc',
  'refcount-init',
  'gc-clear',
  'destructor',
  'finalizer',
  'finalize',
  'tls',
  'registers-free',
  'ownership-flag',
  'memory-tracking',
] as const);

function escapesOf(row: ApiRow): Outcome['escapes'] {
  const kept = row.ptrArgs.filter((p) => ESCAPING_BEHAVIORS.has(p.behavior)).map((p) => p.arg);
  const owned = ESCAPING_ROLES.has(row.role) && row.pointerArg !== null ? [row.pointerArg] : [];
  const wrapped = row.role === 'new-reference' ? untypedPointers(row) : [];
  const all = [...kept, ...owned, ...wrapped, ...row.steals, ...row.replaces];
  return [...new Set(all)].map(argumentPath);
}

/** `PyLong_FromVoidPtr(p)`: the object may be made into the pointer again. */
function untypedPointers(row: ApiRow): number[] {
  const parameters = /\(([^()]*)\)$/.exec(row.signature ?? '')?.[1]?.split(',') ?? [];
  return parameters.flatMap((text, i) => (/^\s*void\s*\*\s*\w*\s*$/.test(text) ? [i] : []));
}

function keeps(row: ApiRow): Outcome {
  return plainBut({
    assigns: fillsScalars(row),
    returns: returned(row),
  });
}
