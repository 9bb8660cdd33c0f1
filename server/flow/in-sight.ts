// What the frame of a function knows of a memory cell, and what it sees of the program around the function.
import type { KnownType } from './type-table.ts';
import type { AccessPath, Slot } from './value.ts';

export interface CellFacts {
  /** null: not reachable from a parameter or a global. */
  readonly path: AccessPath | null;
  readonly slot: Slot | null;
  /** The id, local or `g:` whose memory the cell is in. */
  readonly root: string;
  /** In the memory of a local: nobody else reaches it unless its address is given away. */
  readonly isLocal: boolean;
}

/** What type objects and callers have to do with a function. */
export interface TypesInSight {
  /** Some caller may run it with a detached thread state. */
  readonly mayStartDetached: boolean;
  /** Its file uses the Python C API. */
  readonly isExtension: boolean;
  /** A program wrote its file. */
  readonly isGenerated: boolean;
  /** A function of the program. */
  isDefined(name: string): boolean;
  /** It runs for every instance of a type, whoever made it. */
  readonly isDestructor: boolean;
  /** The types whose tp_new it is. */
  readonly made: readonly KnownType[];
  named(name: string): KnownType | null;
  /** The struct behind a name, where the program declares its members. */
  structNamed(name: string): string | null;
  /** The function that a cell holds whenever it is read; null: not known. */
  functionIn(cell: CellFacts): string | null;
}
