// Blocks that are merely passed to code out of view. Whether such a call keeps the pointer is not known; but
// where a function goes on to release all that it gave to a callee, the callee has only borrowed it.
import type { CallSite } from './call-site.ts';
import type { State } from './state.ts';
import type { Id, Value } from './value.ts';

/** `lent to f/0,g/1`: code out of view got the pointer as an argument, and in no other way. */
export type Lent = `lent to ${string}`;

/** `kept with call3~`: the API keeps it if it gave that object; with NULL it kept nothing. */
export type Kept = `kept with ${string}`;

/** stored: the caller finds it, too. true: anybody may have it. */
export type Escape = true | 'stored' | Lent | Kept;

const PREFIX = 'lent to ';
const KEPT = 'kept with ';

/** The callees and the arguments that they got the pointer as: `f/0`. */
export function borrowersOf(escape: Escape | undefined): readonly string[] {
  if (escape === undefined || escape === true || !escape.startsWith(PREFIX)) return [];
  return escape.slice(PREFIX.length).split(',');
}

export function joinEscapes(a: Escape | undefined, b: Escape): Escape {
  if (a === undefined || a === b) return b;
  const [mine, theirs] = [borrowersOf(a), borrowersOf(b)];
  if (mine.length === 0 || theirs.length === 0) return true;
  return lentTo([...mine, ...theirs]);
}

function lentTo(borrowers: readonly string[]): Lent {
  return `${PREFIX}${[...new Set(borrowers)].toSorted().join(',')}`;
}

/** The callee gets the pointer itself as its argument; false: it is no live block of the function. */
export function lend(state: State, value: Value, call: CallSite, argument: number): boolean {
  if (value.kind !== 'ref' || state.heap.get(value.id) !== 'live') return false;
  // A pointer to a function may hold another one elsewhere.
  const callee = call.name === '' ? `call ${call.site}` : call.name;
  const lent = lentTo([`${callee}/${argument}`]);
  state.escaped.set(value.id, joinEscapes(state.escaped.get(value.id), lent));
  return true;
}

/** The blocks were private before the call that gave `result`; they are again if that is NULL. */
export function keepWith(state: State, blocks: readonly Id[], result: Value): void {
  if (result.kind !== 'ref') return;
  for (const id of blocks) state.escaped.set(id, `kept with ${result.id}`);
}

/** What `keepWith` has noted with an object of this name. */
export function blocksKeptWith(state: State, object: Id): readonly Id[] {
  const kept: Id[] = [];
  state.escaped.forEach((how, id) => {
    if (keeperOf(how) === object) kept.push(id);
  });
  return kept;
}

/** The object that keeps the pointer; null: none. */
export function keeperOf(escape: Escape): Id | null {
  return typeof escape === 'string' && escape.startsWith(KEPT) ? escape.slice(KEPT.length) : null;
}

/** A name under which a function takes what it is given, rather than looks at it. */
const TAKES =
  /set|add|push|append|insert|register|own|take|store|new|create|init|alloc|put|queue|thread|start|open|keep|attach|build|make|steal|free|release|destroy|del|clear|close|save/i;

/** Functions without a definition in view, and none that sounds as if it took what it is given. */
export function isBorrowed(
  state: State,
  id: Id,
  isDefined: (name: string) => boolean = () => false,
): boolean {
  const names = borrowersOf(state.escaped.get(id)).map((b) => b.slice(0, b.lastIndexOf('/')));
  return (
    names.length > 0 &&
    names.every((name) => /^\w+$/.test(name) && !TAKES.test(name) && !isDefined(name))
  );
}

export function isLent(state: State, id: Id): boolean {
  return borrowersOf(state.escaped.get(id)).length > 0;
}

/** What one function does with blocks after it has lent them. */
export class Lending {
  readonly #released = new Set<string>();
  readonly #kept = new Set<string>();

  /** The function still owned it. */
  noteRelease(state: State, id: Id): void {
    for (const borrower of borrowersOf(state.escaped.get(id))) this.#released.add(borrower);
  }

  /** The function lets go of it without a release: somebody else may have it. */
  noteKept(state: State, id: Id): void {
    if (state.heap.get(id) !== 'live') return;
    for (const borrower of borrowersOf(state.escaped.get(id))) this.#kept.add(borrower);
  }

  /** The function releases something that it has given to one of the callees. */
  releasesSome(state: State, id: Id): boolean {
    return borrowersOf(state.escaped.get(id)).some((b) => this.#released.has(b));
  }

  /** Nobody but the function has the block, for all that is known at the end of its paths. */
  isOwn(state: State, id: Id): boolean {
    const borrowers = borrowersOf(state.escaped.get(id));
    return (
      borrowers.length > 0 && borrowers.every((b) => this.#released.has(b) && !this.#kept.has(b))
    );
  }
}
