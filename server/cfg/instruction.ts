// The instruction set and the control-flow graph that C functions are lowered to. Knows nothing of
// memory families: a call is a call.
import type { Span } from '../../simulator/flagged-path.ts';

/** The result of an instruction; assigned once, used within the expression that it is part of. */
export type Temp = number;

/** Something that has an address. */
export type Place =
  | { readonly kind: 'local'; readonly name: string }
  | { readonly kind: 'global'; readonly name: string }
  /** `*pointer` */
  | { readonly kind: 'memory'; readonly pointer: Temp }
  | {
      readonly kind: 'field';
      readonly base: Place;
      readonly name: string;
      /** The struct or typedef name of the base; null when it is not known. */
      readonly struct: string | null;
    }
  /** `base[index]`; index null: not a constant, and `subscript` is its value, if it is in the text. */
  | {
      readonly kind: 'element';
      readonly base: Place;
      readonly index: number | null;
      readonly subscript: Temp | null;
    };

export type Callee =
  | { readonly kind: 'function'; readonly name: string }
  /** A call through a struct member: `type->tp_free(self)`. */
  | { readonly kind: 'member'; readonly name: string; readonly value: Temp }
  | { readonly kind: 'value'; readonly value: Temp }
  /** An operator of C++: `new[]`, `delete`. */
  | { readonly kind: 'operator'; readonly name: string };

export interface Argument {
  readonly value: Temp;
  /** As written. */
  readonly text: string;
  /** The place of an lvalue argument, for macros that assign to it; null: not an lvalue. */
  readonly place: Place | null;
}

interface Base {
  readonly at: Span;
}

export type Instruction = Base & InstructionKind;

export type InstructionKind =
  | { readonly op: 'constant'; readonly to: Temp; readonly value: number }
  /** A value the analysis does not model, the same each time when `text` is not null. */
  | { readonly op: 'opaque'; readonly to: Temp; readonly text: string | null }
  | { readonly op: 'literal'; readonly to: Temp; readonly text: string }
  | { readonly op: 'function'; readonly to: Temp; readonly name: string }
  | { readonly op: 'load'; readonly to: Temp; readonly from: Place; readonly text: string }
  /** inside: a member or element that is surely not the first of its object. */
  | {
      readonly op: 'address';
      readonly to: Temp;
      readonly of: Place;
      readonly inside: boolean;
    }
  | {
      readonly op: 'store';
      readonly to: Place;
      readonly value: Temp;
      readonly text: string;
    }
  | {
      readonly op: 'binary';
      readonly to: Temp;
      readonly operator: string;
      /** `p++`, `p += n`: of a pointer, so the result is not NULL. */
      readonly movesPointer: boolean;
      readonly left: Temp;
      readonly right: Temp;
    }
  | {
      readonly op: 'unary';
      readonly to: Temp;
      readonly operator: '!' | '-' | '~';
      readonly operand: Temp;
    }
  | {
      readonly op: 'call';
      readonly to: Temp;
      readonly callee: Callee;
      readonly arguments: readonly Argument[];
      /** Macros and wrappers between the text and this call, outermost first: `XFREE`. */
      readonly through: readonly string[];
      /** Where the callee's name stands, for a fix; null inside a macro expansion. */
      readonly calleeSpan: Span | null;
      /** What the result is bound to, as written; empty when it is not. */
      readonly boundTo: string;
    }
  /** A local comes into scope without a value. */
  | { readonly op: 'declare'; readonly local: string; readonly array: boolean }
  /** The scope of a pointer ends. */
  | { readonly op: 'end-scope'; readonly local: string };

export type Terminator =
  | { readonly kind: 'goto'; readonly to: BlockIndex }
  | {
      readonly kind: 'branch';
      readonly at: Span;
      readonly condition: Temp;
      /** As written; empty: it follows from conditions before it, and is no step for the reader. */
      readonly text: string;
      readonly whenTrue: BlockIndex;
      readonly whenFalse: BlockIndex;
      /** A preprocessor conditional: correlated in the whole translation unit. */
      readonly preprocessor: boolean;
    }
  | {
      readonly kind: 'switch';
      readonly at: Span;
      readonly value: Temp;
      readonly text: string;
      readonly cases: readonly {
        readonly label: Temp;
        /** The label as written. */
        readonly text: string;
        readonly to: BlockIndex;
      }[];
      readonly otherwise: BlockIndex;
    }
  | {
      readonly kind: 'return';
      readonly at: Span;
      readonly value: Temp | null;
      readonly text: string;
    }
  /** Control does not get here or does not go on. */
  | { readonly kind: 'stop' };

export type BlockIndex = number;

export interface BasicBlock {
  readonly instructions: readonly Instruction[];
  readonly terminator: Terminator;
}

export interface Parameter {
  /** The unique name of the local; empty when it has none. */
  readonly local: string;
  readonly struct: string | null;
  /** The struct, of a parameter that is a plain pointer to one. */
  readonly pointsTo: string | null;
  readonly at: Span;
}

export interface Cfg {
  readonly name: string;
  readonly isStatic: boolean;
  readonly at: Span;
  readonly parameters: readonly Parameter[];
  /** blocks[0] is the entry. */
  readonly blocks: readonly BasicBlock[];
  /** Number of temps. */
  readonly temps: number;
  /** Declared struct of each local pointer or struct, by unique name. */
  readonly structs: ReadonlyMap<string, string>;
  /** Of each local of an arithmetic type, or a pointer to one: that type, as written. */
  readonly scalars: ReadonlyMap<string, string>;
  /** Struct that each local points to, by unique name. */
  readonly pointees: ReadonlyMap<string, string>;
}
