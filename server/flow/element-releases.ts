// Releases of the elements of an array that the caller has passed: any of them, or none. Where the function chooses
// between elements, or between ways to release them, its caller is told nothing.
import type { CallPaths, CallSite } from './call-site.ts';
import type { Subject } from './events.ts';
import { excludes, type Fact } from './fact.ts';
import type { Frame } from './frame.ts';
import { whenOf } from './needed-conditions.ts';
import type { State } from './state.ts';
import type { Outcome } from './summary.ts';
import { placeKey } from './trace.ts';
import { type AccessPath, type Id, pathKey, type Release, type Slot } from './value.ts';

export interface ElementRelease {
  /** The array. */
  readonly path: AccessPath;
  readonly release: Release;
  /** What must be true of other arguments. */
  readonly needs: Outcome['when'];
}

/** Of one array, by what they say; null: there is one that depends on more than the caller knows. */
export type ElementReleases = ReadonlyMap<string, ElementRelease> | null;

export function withRelease(
  releases: ReadonlyMap<string, ElementRelease>,
  added: ElementRelease,
): ReadonlyMap<string, ElementRelease> {
  const needs = added.needs.map(({ path, fact }) => [pathKey(path), fact.low, fact.high, fact.not]);
  const key = `${placeKey(added.release.at)} ${JSON.stringify(needs)}`;
  return releases.has(key) ? releases : new Map([...releases, [key, added]]);
}

/** None where elements are released in several ways. */
export function ofOneFamily(releases: ElementReleases): readonly ElementRelease[] {
  const all = [...(releases?.values() ?? [])];
  return new Set(all.map(({ release }) => release.family)).size === 1 ? all : [];
}

/** An element of an array that the caller has passed is released. */
export function noteElementRelease(
  frame: Frame,
  state: State,
  { id, origin, interior }: Subject,
  release: Release,
): void {
  const slot = origin?.kind === 'opaque' ? origin.slot : null;
  const array = slot === null ? null : frame.arrays.pathOf(slot);
  if (slot === null || array === null) return;
  const isChosen = [...state.facts.keys()].some((fact) => !isSameForAll(frame, fact, id, slot));
  const needs = isChosen || interior ? null : whenOf(frame, state).filter((w) => decides(w, array));
  frame.arrays.noteRelease(slot, release, needs);
}

/** Whether what is known of the value says nothing of one element rather than of another. */
function isSameForAll(frame: Frame, fact: Id, element: Id, slot: Slot): boolean {
  if (fact === element || fact.startsWith("'#if ")) return true;
  const origin = frame.origins.get(fact);
  switch (origin?.kind) {
    case 'initial':
      return origin.path.root.kind === 'argument';
    case 'opaque':
      // A local that counts.
      return origin.slot === slot || /^load[\d.]+\(\w+\)~$/.test(fact);
    case 'comparison':
      return (
        origin.operator === '<' ||
        [origin.left, origin.right].some((v) => v.kind === 'int' && v.value === 0)
      );
    case 'arithmetic':
      return origin.operator === '+' || origin.operator === '-';
    case 'negation':
      return true;
    default:
      return false;
  }
}

/** Neither about the array itself nor about how many elements it has. */
function decides({ path, fact }: Outcome['when'][number], array: AccessPath): boolean {
  const isOfArray = pathKey(path).startsWith(pathKey(array));
  return !isOfArray && (fact.not.length > 0 || fact.low === fact.high);
}

/** What a callee releases of the elements of arrays that it is given, as far as the call says that it does. */
export function releasedElements(
  paths: CallPaths,
  state: State,
  call: CallSite,
  releases: readonly ElementRelease[],
): readonly ElementRelease[] {
  return releases.filter(({ needs }) =>
    needs.every(({ path, fact }) => isSurely(paths, state, call, path, fact)),
  );
}

function isSurely(
  paths: CallPaths,
  state: State,
  call: CallSite,
  path: AccessPath,
  fact: Fact,
): boolean {
  const value = paths.valueAt(state, call, path);
  return value.kind === 'int' && !excludes(fact, value.value);
}
