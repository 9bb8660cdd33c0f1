// What the exploration tells the rules. A rule looks at events and speaks; it never changes the state.
import type { Size, Span } from '../../simulator/flagged-path.ts';
import type { Fact } from './fact.ts';
import type { Detachment, HeapCall } from './heap-call.ts';
import type { Loss } from './loss.ts';
import type { Wrap } from './size-overflow.ts';
import type { State } from './state.ts';
import type { Trace } from './trace.ts';
import type { Allocation, Id, Origin, Release, Slot } from './value.ts';

/** A value that a path tested. */
export interface Guard {
  /** Equal for equal tests with equal results. */
  readonly key: string;
  readonly value: Id;
  readonly fact: Fact;
  /** The slot that was tested; null: none. */
  readonly slot: Slot | null;
}

/** What a pointer is known to point to. */
export interface Subject {
  readonly id: Id;
  readonly origin: Origin | null;
  /** Perhaps not the start of the block. */
  readonly interior: boolean;
  /** Surely not the start of the block. */
  readonly inside: boolean;
  /** Released on this path before; how. */
  readonly freedBy: Release | null;
}

/** A pointer to the start of its block. */
export function subjectAtStart<O extends Origin | null>(
  id: Id,
  origin: O,
  freedBy: Release | null,
): Subject & { readonly origin: O } {
  return { id, origin, interior: false, inside: false, freedBy };
}

interface EventBase {
  readonly trace: Trace | null;
  readonly at: Span;
  /** The preprocessor conditions of the path. */
  readonly compiledIf: ReadonlyMap<string, Fact>;
}

export type FlowEvent = EventBase & FlowEventKind;

type FlowEventKind =
  | {
      readonly kind: 'release';
      readonly subject: Subject;
      readonly release: Release;
      /** Bytes that a resize asks for; null: a plain release. */
      readonly size: Size | null;
      /** In a function that runs for every instance of a type. */
      readonly inDestructor: boolean;
      /** The struct that a parameter points to, where one is released. */
      readonly struct: string | null;
      /** What else the path tested, and with what result. */
      readonly guards: readonly Guard[];
    }
  | {
      readonly kind: 'use';
      readonly subject: Subject;
      /** kept: an object that keeps the pointer is returned. */
      readonly how: 'read' | 'write' | 'argument' | 'kept';
      /** The expression that is used, as written. */
      readonly pointer: string;
    }
  /** A pointer that may be NULL, or is, and that the path has not compared with NULL. */
  | {
      readonly kind: 'null-dereference';
      readonly subject: Subject;
      readonly how: 'read' | 'write' | 'argument';
      /** The expression that is used, as written. */
      readonly pointer: string;
      readonly allocation: Allocation;
      /** The function that is given the pointer; null: the code itself reads or writes. */
      readonly callee: string | null;
    }
  /** A call uses the Python memory manager while no thread state is attached. */
  | {
      readonly kind: 'detached-call';
      readonly call: HeapCall;
      /** What is released or resized, where it is followed. */
      readonly subject: Subject | null;
      readonly detached: Detachment;
    }
  /** What a type object says makes the release of an instance wrong. */
  | {
      readonly kind: 'type-release';
      readonly subject: Subject & { readonly origin: Origin & { readonly kind: 'allocation' } };
      readonly release: Release;
      readonly size: null;
      /** The type object, by name. */
      readonly type: string;
      /** What `tp_free` stands for; null: the release is not by tp_free. */
      readonly freeIs: string | null;
      /**
       * slot: tp_free itself is set wrongly. flags: the type's instances have, or have not, the header of
       * the collector. derived: only those of classes derived from it have.
       */
      readonly cause: 'slot' | 'flags' | 'derived';
    }
  /** A function hands on that an allocation failed, and no exception is set. */
  | {
      readonly kind: 'silent-failure';
      readonly subject: Subject;
      readonly allocation: Allocation;
      readonly returned: 'NULL' | '-1';
      /** The interpreter itself calls the function. */
      readonly isMethod: boolean;
      /** A pointer to something else than an object: NULL may be an answer. */
      readonly returnsOther: boolean;
      /** Whoever gets to this return comes from such a failure, and it returns a literal object. */
      readonly canRaiseHere: boolean;
    }
  /** A call of the table allocates, by itself. */
  | {
      readonly kind: 'allocation';
      readonly subject: Subject;
      readonly allocation: Allocation;
      readonly thread: 'attached' | 'detached' | 'unknown';
      /** The file uses the Python C API. */
      readonly isExtension: boolean;
      /** The arithmetic type that the result is declared to point to; null: another, or not known. */
      readonly element: string | null;
      /** A function out of view that the function gives the pointer to. */
      readonly givenTo: string | null;
    }
  /** A size that can wrap around. */
  | {
      readonly kind: 'size-overflow';
      readonly subject: Subject;
      readonly allocation: Allocation;
      /** The size as written. */
      readonly size: string;
      readonly wrap: Wrap;
    }
  /** A block is lost, on a path that goes on to the end of the function. */
  | {
      readonly kind: 'leak';
      readonly subject: Subject;
      readonly loss: Loss;
      /**
       * certain: nothing else in the function hints at an owner out of view. likely: code out of view got
       * the pointer, and has no reason to keep it. contested: something hints at an owner.
       */
      readonly certainty: 'certain' | 'likely' | 'contested';
    }
  /** A tp_dealloc gives up references while the collector still has the object in its list. */
  | {
      readonly kind: 'tracked-destruction';
      readonly subject: Subject;
      readonly type: string;
      /** The member whose reference is given up, as written. */
      readonly pointer: string;
    }
  /** A release of what a slot holds, where that is NULL. */
  | {
      readonly kind: 'vain-release';
      readonly slot: Slot;
      readonly id: Id;
      readonly release: Release;
    }
  /** A value goes into a slot that other functions release from. */
  | {
      readonly kind: 'slot-write';
      readonly slot: Slot;
      readonly id: Id | null;
      readonly origin: Origin | null;
    };

export type Listener = (event: FlowEvent) => void;

const NO_FACTS: ReadonlyMap<string, Fact> = new Map();

/** The facts of a state that are preprocessor conditions. */
export function preprocessorFacts(facts: State['facts']): ReadonlyMap<string, Fact> {
  let found: Map<string, Fact> | null = null;
  facts.forEach((fact, id) => {
    if (id.startsWith("'#if ")) (found ??= new Map()).set(id, fact);
  });
  return found ?? NO_FACTS;
}
