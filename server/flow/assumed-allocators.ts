// Functions out of view whose results a function releases itself: `name = lib_copy(x); … free(name);`. What
// it releases on one path is its own on the others, too (Engler et al. 2001, bugs as deviant behavior). The
// family is only that of the release, so such a block is told of where it leaks, never as a mix.
import { familyFacts } from '../../simulator/families.ts';
import type { Span } from '../../simulator/flagged-path.ts';
import type { Cfg, Instruction } from '../cfg/instruction.ts';
import { apiRow, assumedAllocator, type ApiRow } from '../knowledge/row.ts';
import { withoutCasts } from './heap-call.ts';
import { eventsOf, placeKey, type Trace } from './trace.ts';
import type { Allocation, Id } from './value.ts';

/** A release that a path made, and what it had tested last. */
interface SeenRelease {
  readonly at: Span;
  /** null: nothing but the pointer since the call. */
  readonly test: { readonly at: Span; readonly taken: boolean } | null;
}

export class AssumedAllocators {
  readonly #rows: ReadonlyMap<string, ApiRow>;
  readonly #releases = new Map<Id, SeenRelease[]>();

  constructor(cfg: Cfg, isDefined: (name: string) => boolean) {
    this.#rows = assumedIn(cfg, isDefined);
  }

  /** null: nothing is assumed of the result of this call. */
  rowOf(callee: string, boundTo: string): ApiRow | null {
    return this.#rows.get(key(callee, boundTo)) ?? null;
  }

  noteRelease(id: Id, allocation: Allocation, trace: Trace | null, at: Span): void {
    const seen = this.#releases.get(id) ?? [];
    if (seen.length < 8) seen.push({ at, test: lastTest(id, allocation.pointer, trace) });
    this.#releases.set(id, seen);
  }

  /** A path that does not release the block loses it: others release it, whatever else they have tested. */
  isLost(id: Id, trace: Trace | null, at: Span): boolean {
    const seen = this.#releases.get(id);
    if (seen === undefined) return false;
    const passed = new Set(
      eventsOf(trace).flatMap((e) => (e.kind === 'branch' && !e.taken ? [placeKey(e.at)] : [])),
    );
    // `if (is_own) free(p);` on the way says when it is the function's.
    return !seen.some(({ at: released, test }) => {
      if (test === null || !test.taken || isBefore(at, released)) return false;
      return passed.has(placeKey(test.at));
    });
  }
}

function assumedIn(cfg: Cfg, isDefined: (name: string) => boolean): ReadonlyMap<string, ApiRow> {
  const calls: { readonly callee: string; readonly boundTo: string }[] = [];
  /** By what they release, as written; null: several. */
  const releases = new Map<string, ApiRow | null>();
  for (const instruction of cfg.blocks.flatMap(({ instructions }) => instructions)) {
    if (instruction.op !== 'call' || instruction.callee.kind !== 'function') continue;
    const { name } = instruction.callee;
    const row = isDefined(name) ? undefined : apiRow(name);
    if (row !== undefined) noteRelease(releases, instruction, row);
    else if (!isDefined(name) && /^[A-Za-z_]\w*$/.test(instruction.boundTo)) {
      calls.push({ callee: name, boundTo: instruction.boundTo });
    }
  }
  const assumed = new Map<string, ApiRow>();
  for (const { callee, boundTo } of calls) {
    const release = releases.get(boundTo);
    if (release?.family == null) continue;
    assumed.set(key(callee, boundTo), assumedAllocator(callee, release));
  }
  return assumed;
}

function noteRelease(
  releases: Map<string, ApiRow | null>,
  call: Instruction & { op: 'call' },
  row: ApiRow,
): void {
  if (row.role !== 'free' || row.family === null || familyFacts(row.family).heap === null) return;
  const pointer = withoutCasts(call.arguments[row.pointerArg ?? 0]?.text ?? '');
  const known = releases.get(pointer);
  releases.set(pointer, known === undefined || known === row ? row : null);
}

function key(callee: string, boundTo: string): string {
  return `${callee} ${boundTo}`;
}

/** The last test since the call that is not about the pointer itself. */
function lastTest(id: Id, pointer: string, trace: Trace | null): SeenRelease['test'] {
  for (let t = trace; t !== null; t = t.previous) {
    const { event } = t;
    if (event.kind === 'alloc' && event.id === id) return null;
    if (event.kind !== 'branch') continue;
    const bare = event.condition.replace(/\s*[!=]=\s*(NULL|0|nullptr)$|^!\s*/, '');
    if (bare !== pointer) return { at: event.at, taken: event.taken };
  }
  return null;
}

function isBefore(a: Span, b: Span): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}
