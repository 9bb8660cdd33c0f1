// What a call does, for the caller: a row of the knowledge table and an analyzed function give the
// same type, so a call is applied in one way only.
import type { ApiRow } from '../knowledge/row.ts';
import type { Content, Fill } from './array-contents.ts';
import type { ElementRelease } from './element-releases.ts';
import { ANYTHING, type Fact } from './fact.ts';
import type { HeapCall } from './heap-call.ts';
import type { ThreadEffect } from './thread-state.ts';
import type { Untracking } from './untracking.ts';
import {
  type AccessPath,
  type Allocation,
  type CellKey,
  type Id,
  pathKey,
  type Release,
} from './value.ts';

export type SummaryValue =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'function'; readonly name: string }
  /** A named constant: `NPY_SUCCEED`. */
  | { readonly kind: 'named'; readonly id: Id }
  /** What the path held before the call; interior: a pointer into that block, inside: not to its start. */
  | {
      readonly kind: 'path';
      readonly path: AccessPath;
      readonly interior: boolean;
      readonly inside: boolean;
    }
  /** Memory of the caller's stack frame. */
  | { readonly kind: 'stack' }
  /** The block of the outcome's alloc or realloc step with this index. */
  | { readonly kind: 'fresh'; readonly index: number }
  /** NULL instead of a block; allocation null: from this call itself. */
  | { readonly kind: 'failure'; readonly allocation: Allocation | null; readonly row: ApiRow }
  /** A pointer that the API lends, or a reference to an object. */
  | {
      readonly kind: 'lent';
      readonly as: 'borrowed' | 'reference';
      readonly row: ApiRow;
      /** What is known of the pointer. */
      readonly fact: Fact;
    }
  /** A number that Python code chooses. */
  | { readonly kind: 'input'; readonly row: ApiRow }
  /** Some value with this property. */
  | { readonly kind: 'number'; readonly fact: Fact };

export type SummaryStep =
  | {
      readonly kind: 'alloc';
      readonly index: number;
      /** What is known of the new pointer. */
      readonly fact: Fact;
      /** null: by this call itself. */
      readonly allocation: Allocation | null;
      readonly row: ApiRow;
      /** Somebody else knows the block, or holds a reference to it, or perhaps there is none. */
      readonly isShared: boolean;
      /** What the callee has stored in the elements of the block. */
      readonly contents: readonly Content[];
    }
  | {
      readonly kind: 'free';
      readonly path: AccessPath;
      /**
       * sometimes: the callee decides by something the caller cannot know, such as a reference count;
       * ambiguous: and then releases the block in another way.
       */
      readonly certainty: 'always' | 'sometimes' | 'ambiguous';
      readonly release: Release | null;
      readonly row: ApiRow;
    }
  | {
      readonly kind: 'realloc';
      readonly path: AccessPath;
      /** null: it fails. */
      readonly index: number | null;
      readonly allocation: Allocation | null;
      readonly release: Release | null;
      readonly row: ApiRow;
    }
  /** A reference is given up: the end of an object that has no other. */
  | {
      readonly kind: 'drop';
      readonly path: AccessPath;
      readonly certainty: 'always' | 'sometimes';
      readonly release: Release | null;
      readonly row: ApiRow;
    };

export const NOT_NULL: Fact = { low: -Infinity, high: Infinity, not: [0] };

/** An answer that a repeatable function of the API gave. */
export interface Inquiry {
  readonly api: string;
  /** Of each argument: the parameter that it is, by its index; or the global whose address it is. */
  readonly of: readonly (number | CellKey)[];
  readonly isTrue: boolean;
}

/** Of the paths that `when` of an outcome tells of; of structs in structs, more. */
export const MAX_WHEN_STEPS = 2;
const MAX_MEMBERS = 3;

/** Whether `when` of an outcome tells of the path. */
export function isTold({ steps }: AccessPath): boolean {
  const members = steps.filter(({ kind }) => kind === 'member').length;
  const pointers = steps.length - members;
  return steps.length <= MAX_WHEN_STEPS || (pointers <= 1 && members <= MAX_MEMBERS);
}

/** What holds before a call. */
export type When = readonly { readonly path: AccessPath; readonly fact: Fact }[];

/** One way a call can go. */
export interface Outcome {
  /** What holds before the call for it to go this way. */
  readonly when: When;
  /** Besides, one of these at least: `if (list == NULL || item == NULL) return -1;`. Empty: whatever holds. */
  readonly anyOf: readonly When[];
  /** The path equals, or does not equal, a constant by its key: `'KIND_HEAP'`, `f:Py_None`. */
  readonly tests: readonly {
    readonly path: AccessPath;
    readonly constant: Id;
    readonly equal: boolean;
  }[];
  /** Two paths hold the same value, or do not: `buffer != fixed`. */
  readonly relations: readonly {
    readonly left: AccessPath;
    readonly right: AccessPath;
    readonly equal: boolean;
  }[];
  /** Questions that have one answer, whoever asks: `PyObject_TypeCheck(op, &Spam_Type)`. */
  readonly inquiries: readonly Inquiry[];
  /** Preprocessor conditions: `#if …` -> fact. */
  readonly compiledIf: ReadonlyMap<string, Fact>;
  /** In order; on what the paths held before the call. */
  readonly steps: readonly SummaryStep[];
  /** After the steps, all at once. */
  readonly assigns: readonly { readonly path: AccessPath; readonly value: SummaryValue }[];
  /** Code out of view may reach what these paths point to from here on. */
  readonly escapes: readonly AccessPath[];
  /** Memory below these paths holds anything afterwards. */
  readonly clobbers: readonly AccessPath[];
  readonly clobbersGlobals: boolean;
  readonly returns: SummaryValue;
  readonly thread: ThreadEffect;
  /** Made with the thread state as the callee finds it. */
  readonly heapCalls: readonly HeapCall[];
}

export interface Summary {
  readonly name: string;
  /** Empty: the call does not come back. */
  readonly outcomes: readonly Outcome[];
  /** The arguments that are plain pointers to structs of a known name. */
  readonly structs: readonly number[];
  /** The arguments that it reads or writes through, whatever happens. */
  readonly dereferences: readonly number[];
  /** Whether it may set an exception. */
  readonly mayRaise: boolean;
  readonly untracking: Untracking;
  /** Anything may become of arguments from this index on: it reads them without a parameter; Infinity: of none. */
  readonly escapesFrom: number;
  /** What it stores in elements of what it is given. */
  readonly fills: readonly Fill[];
  /** What it releases of elements of what it is given. */
  readonly elementReleases: readonly ElementRelease[];
}

/** Whether a caller that handles no memory by itself is worth exploring because of the call. */
export function handsOverMemory({ outcomes }: Summary): boolean {
  return outcomes.some(
    ({ steps, assigns, returns, thread }) =>
      steps.some((step) => step.kind !== 'drop') ||
      (thread !== 'leave' && thread !== 'forget') ||
      [returns, ...assigns.map(({ value }) => value)].some(isBlock),
  );
}

/** Whether the function needs an attached thread state. */
export function usesHeap({ outcomes }: Summary): boolean {
  return outcomes.some(({ heapCalls }) => heapCalls.length > 0);
}

/** What is lent, or on the stack, harms nobody until something releases it. */
function isBlock({ kind }: SummaryValue): boolean {
  switch (kind) {
    case 'fresh':
    case 'failure':
      return true;
    case 'lent':
    case 'stack':
    case 'unknown':
    case 'int':
    case 'function':
    case 'named':
    case 'path':
    case 'input':
    case 'number':
      return false;
  }
}

/** A call of the row itself allocates; null is possible where the row says so. */
export function allocStep(row: ApiRow, index: number): SummaryStep & { kind: 'alloc' } {
  const fact = row.nullOnFailure ? ANYTHING : NOT_NULL;
  return { kind: 'alloc', index, fact, allocation: null, row, isShared: false, contents: [] };
}

export const PLAIN_OUTCOME: Outcome = {
  when: [],
  anyOf: [],
  tests: [],
  relations: [],
  inquiries: [],
  compiledIf: new Map(),
  steps: [],
  assigns: [],
  escapes: [],
  clobbers: [],
  clobbersGlobals: false,
  returns: { kind: 'unknown' },
  thread: 'leave',
  heapCalls: [],
};

/** A spread would give a slow dictionary, as V8 does for copies of what has many shapes. */
export function changed(outcome: Outcome, by: Partial<Outcome>): Outcome {
  return {
    when: by.when ?? outcome.when,
    anyOf: by.anyOf ?? outcome.anyOf,
    tests: by.tests ?? outcome.tests,
    relations: by.relations ?? outcome.relations,
    inquiries: by.inquiries ?? outcome.inquiries,
    compiledIf: by.compiledIf ?? outcome.compiledIf,
    steps: by.steps ?? outcome.steps,
    assigns: by.assigns ?? outcome.assigns,
    escapes: by.escapes ?? outcome.escapes,
    clobbers: by.clobbers ?? outcome.clobbers,
    clobbersGlobals: by.clobbersGlobals ?? outcome.clobbersGlobals,
    returns: by.returns ?? outcome.returns,
    thread: by.thread ?? outcome.thread,
    heapCalls: by.heapCalls ?? outcome.heapCalls,
  };
}

/** What a call does that does nothing else. */
export function plainBut(does: Partial<Outcome>): Outcome {
  return changed(PLAIN_OUTCOME, does);
}

export function argumentPath(index: number): AccessPath {
  return { root: { kind: 'argument', index }, steps: [] };
}

/** `*argument`, or `argument->member`. */
export function outPath(index: number, member: string | null): AccessPath {
  return {
    root: { kind: 'argument', index },
    steps: [
      { kind: 'dereference' },
      ...(member === null ? [] : [{ kind: 'member', name: member, struct: null } as const]),
    ],
  };
}

/** Equal for equal values. */
export function valueText(value: SummaryValue): string {
  switch (value.kind) {
    case 'int':
      return `i${value.value}`;
    case 'function':
      return `f${value.name}`;
    case 'path':
      return `p${pathKey(value.path)}${value.interior ? '+' : ''}${value.inside ? '+' : ''}`;
    case 'fresh':
      return `b${value.index}`;
    case 'failure':
      return `f0 ${value.row.name}`;
    case 'named':
      return value.id;
    case 'lent':
      return `l${value.row.name} ${value.fact.low},${value.fact.high},${value.fact.not.join(',')}`;
    case 'input':
      return `in ${value.row.name}`;
    case 'number':
      return `n${value.fact.low},${value.fact.high},${value.fact.not.join(',')}`;
    case 'stack':
      return 's';
    case 'unknown':
      return '?';
  }
}
