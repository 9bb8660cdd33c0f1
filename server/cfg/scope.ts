// The names of a function: which local an identifier means. Locals of the same name in nested blocks
// get unique names.

export interface Local {
  readonly name: string;
  readonly isArray: boolean;
  readonly isPointer: boolean;
  /** Lives as long as the program. */
  readonly isStatic: boolean;
  readonly struct: string | null;
  /** Holds the address of what it stands for. */
  readonly isReference: boolean;
  /** Called with its address where its scope is left. */
  readonly cleanup: string | null;
}

/** Written out: a spread that new members follow gives each object a hidden class of its own in V8. */
function named(name: string, facts: Omit<Local, 'name'>): Local {
  const { isArray, isPointer, isStatic, struct, isReference, cleanup } = facts;
  return { name, isArray, isPointer, isStatic, struct, isReference, cleanup };
}

export class Scopes {
  readonly #scopes: Map<string, Local>[] = [new Map()];
  readonly #counts = new Map<string, number>();

  push(): void {
    this.#scopes.push(new Map());
  }

  pop(): void {
    this.#scopes.pop();
  }

  declare(name: string, facts: Omit<Local, 'name'>): Local {
    // Twice in one scope: in the alternatives of a preprocessor conditional.
    const twin = this.#scopes.at(-1)!.get(name);
    if (twin !== undefined && twin.isArray === facts.isArray) {
      const again = named(twin.name, facts);
      this.#scopes.at(-1)!.set(name, again);
      return again;
    }
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    const local = named(count === 0 ? name : `${name}'${count}`, facts);
    // A pointer in one alternative and an array in the other: the name is the pointer, which may be anything.
    if (twin === undefined || facts.isPointer) this.#scopes.at(-1)!.set(name, local);
    return local;
  }

  /** How many scopes there are; the outermost holds the parameters. */
  get depth(): number {
    return this.#scopes.length;
  }

  /** The pointers that the scopes from this depth on declare. */
  pointers(depth: number): readonly string[] {
    const locals = this.#scopes.slice(depth).flatMap((scope) => [...scope.values()]);
    return locals.filter((l) => l.isPointer && !l.isStatic).map((l) => l.name);
  }

  /** The locals of the scopes from this depth on that are cleaned up, the last one first. */
  withCleanup(depth: number): readonly Local[] {
    const locals = this.#scopes.slice(depth).flatMap((scope) => [...scope.values()]);
    return locals.filter((l) => l.cleanup !== null && !l.isStatic).toReversed();
  }

  lookup(name: string): Local | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const local = this.#scopes[i]!.get(name);
      if (local !== undefined) return local;
    }
    return undefined;
  }
}

/** A local as the source names it: locals of one name in nested blocks are told apart by a suffix. */
export function sourceName(local: string): string {
  return local.replace(/'\d+/, '');
}
