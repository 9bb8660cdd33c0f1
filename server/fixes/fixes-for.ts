// The fixes of a finding: which edits would repair what an event shows, the usual one first. Where the text
// is not of the plain form that a fix knows, there is none.
import type { Family } from '../../simulator/families.ts';
import type { FlaggedPath, Span } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { Reported } from '../flow/relevant-events.ts';
import { rawAlternative } from '../knowledge/python-heap.ts';
import { apiRow } from '../knowledge/row.ts';
import type { Report } from '../rules/rule.ts';
import type { SourceText } from '../syntax/source-text.ts';
import { changeFamily, withRow } from './change-family.ts';
import { checkedProduct } from './checked-product.ts';
import { takesTheSame } from './equivalent.ts';
import { type FunctionText, FunctionTexts } from './function-text.ts';
import { guardRelease, leaveOutRelease } from './leave-out-release.ts';
import { moveOutOfRegion } from './move-out-of-region.ts';
import { nullCheck } from './null-check.ts';
import { reallocThroughTemporary } from './realloc-temporary.ts';
import { untrackFirst } from './untrack-first.ts';

export class Fixes {
  readonly #sources: ReadonlyMap<string, SourceText>;
  readonly #functions = new FunctionTexts();

  constructor(sources: ReadonlyMap<string, SourceText>) {
    this.#sources = sources;
  }

  for(report: Report, event: Reported, path: FlaggedPath): Fix[] {
    const fn = this.#functionAt(event.at);
    switch (event.kind) {
      case 'silent-failure':
        return raise(report, event.at, path);
      case 'release':
        return some(
          replaceRelease(report, event, path),
          fn && otherFamily(fn, event, path),
          fn && borrowedRelease(fn, event, path),
        );
      case 'allocation':
        return some(fn && isOwnCall(event.allocation) && betterFamily(fn, report, event, path));
      case 'tracked-destruction':
        return some(fn && untrackFirst(fn, event.at, path));
      case 'type-release':
        return some(replaceRelease(report, event, path));
      case 'detached-call':
        return some(fn && rawFamily(fn, event, path), fn && moveOutOfRegion(fn, event, path));
      case 'null-dereference':
        return some(fn && isOwnCall(event.allocation) && nullCheck(fn, event.allocation, path));
      case 'size-overflow':
        return some(
          fn && isOwnCall(event.allocation) && checkedProduct(fn, event.allocation, path),
        );
      case 'leak':
        return event.loss.how !== 'resize' || event.loss.release === null
          ? []
          : some(fn && reallocThroughTemporary(fn, event.loss.release, path));
      default:
        return [];
    }
  }

  /** Where what the event shows is right on other paths: what changes nothing there. */
  forThisPath(event: Reported, path: FlaggedPath): Fix[] {
    const fn = this.#functionAt(event.at);
    if (fn === null || event.kind !== 'release' || event.subject.interior) return [];
    const { origin } = event.subject;
    return some(origin?.kind === 'storage' && guardRelease(fn, event.release, origin, path));
  }

  #functionAt(at: Span): FunctionText | null {
    const source = this.#sources.get(at.file);
    return source === undefined ? null : this.#functions.at(source, at);
  }
}

function some(...fixes: readonly (Fix | null | false)[]): Fix[] {
  return fixes.filter((fix) => fix !== null && fix !== false);
}

/** The code itself calls it, without a macro or a helper in between. */
function isOwnCall({
  through,
  at,
  calledAt,
}: {
  through: readonly string[];
  at: Span;
  calledAt: Span;
}): boolean {
  return through.length === 0 && at.line === calledAt.line && at.column === calledAt.column;
}

function raise({ replacement }: Report, at: Span, path: FlaggedPath): Fix[] {
  if (replacement === null) return [];
  const edits = [{ at, newText: `return ${replacement}();` }];
  return [{ title: `Return ${replacement}()`, edits, isSafe: true, path }];
}

function replaceRelease(
  { replacement }: Report,
  { release }: Reported & { readonly kind: 'release' | 'type-release' },
  path: FlaggedPath,
): Fix | null {
  const { calleeSpan, row, api } = release;
  const to = apiRow(replacement ?? '');
  if (to === undefined || calleeSpan === null || !takesTheSame(row, to)) return null;
  const { family } = to;
  const steps = path.steps.map((step, index) =>
    index === path.fault && family !== null ? withRow(step, to, family) : step,
  );
  return {
    title: `Replace ${api} with ${to.name}`,
    edits: [{ at: calleeSpan, newText: to.name }],
    isSafe: true,
    path: family === null ? null : { ...path, steps },
  };
}

/** The other end changes: the block comes from the family of its release. */
function otherFamily(
  fn: FunctionText,
  { subject, release }: Reported & { readonly kind: 'release' },
  path: FlaggedPath,
): Fix | null {
  const { origin, freedBy } = subject;
  if (origin?.kind !== 'allocation' || freedBy !== null || release.family === null) return null;
  if (!isOwnCall(origin.allocation) || origin.allocation.family === release.family) return null;
  const { pointer } = origin.allocation;
  return inFamily(release.family, { fn, pointer, path, isSafe: true });
}

/** A block that comes and goes in the function moves to the family that the rule would rather see. */
function betterFamily(
  fn: FunctionText,
  { replacement }: Report,
  { allocation }: Reported & { readonly kind: 'allocation' },
  path: FlaggedPath,
): Fix | null {
  const family = apiRow(replacement ?? '')?.family ?? null;
  if (family === null) return null;
  return inFamily(family, { fn, pointer: allocation.pointer, path, isSafe: false });
}

interface LocalBlock {
  readonly fn: FunctionText;
  readonly pointer: string;
  readonly path: FlaggedPath;
  readonly isSafe: boolean;
}

/** All that the function does to the block, with functions of that family. */
function inFamily(family: Family, { fn, pointer, path, isSafe }: LocalBlock): Fix | null {
  const change = changeFamily(fn, pointer, family, path);
  if (change === null) return null;
  const { edits, names, path: after } = change;
  return { title: `Use ${listed(names)} for '${pointer}'`, edits, isSafe, path: after };
}

/** What is only lent is not released at all. */
function borrowedRelease(
  fn: FunctionText,
  { subject, release }: Reported & { readonly kind: 'release' },
  path: FlaggedPath,
): Fix | null {
  const { origin, interior } = subject;
  return origin?.kind === 'borrowed' && !interior
    ? leaveOutRelease(fn, release, origin, path)
    : null;
}

/** The block moves to the domain that needs no thread state. */
function rawFamily(
  fn: FunctionText,
  { call }: Reported & { readonly kind: 'detached-call' },
  path: FlaggedPath,
): Fix | null {
  if (call.through.length > 0) return null;
  const family = apiRow(rawAlternative(call.row) ?? '')?.family ?? null;
  if (family === null) return null;
  return inFamily(family, { fn, pointer: call.pointer, path, isSafe: true });
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
