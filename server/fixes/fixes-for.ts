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
import { callTpFree } from './call-tp-free.ts';
import { changeFamily, withRow } from './change-family.ts';
import { checkedProduct } from './checked-product.ts';
import { takesTheSame } from './equivalent.ts';
import { type FunctionText, FunctionTexts } from './function-text.ts';
import { keepArgument } from './keep-argument.ts';
import { guardRelease, leaveOutNonHeap, leaveOutRelease } from './leave-out-release.ts';
import { moveOutOfRegion } from './move-out-of-region.ts';
import { nullCheck } from './null-check.ts';
import { reallocThroughTemporary } from './realloc-temporary.ts';
import { releaseBeforeReturn } from './release-before-return.ts';
import { releaseLater } from './release-later.ts';
import { releaseOnce } from './release-once.ts';
import { releaseStart } from './release-start.ts';
import { saveBeforeResize } from './save-before-resize.ts';
import { spellOutMacro } from './spell-out-macro.ts';
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
          fn && this.#withoutMacro(fn, report, event, path),
          fn && otherFamily(fn, event, path),
          ...(fn === null ? [] : otherRelease(fn, event, path)),
        );
      case 'use':
        return some(fn && releaseLater(fn, event, path));
      case 'allocation':
        return some(fn && isOwnCall(event.allocation) && betterFamily(fn, report, event, path));
      case 'tracked-destruction':
        return some(fn && untrackFirst(fn, event.at, path));
      case 'type-release':
        return some(replaceRelease(report, event, path), fn && callTpFree(fn, event, path));
      case 'detached-call':
        return some(fn && rawFamily(fn, event, path), fn && moveOutOfRegion(fn, event, path));
      case 'null-dereference':
        return some(fn && isOwnCall(event.allocation) && nullCheck(fn, event.allocation, path));
      case 'size-overflow':
        return some(
          fn && isOwnCall(event.allocation) && checkedProduct(fn, event.allocation, path),
        );
      case 'leak':
        return some(fn && keepBlock(fn, event, path));
      default:
        return [];
    }
  }

  /** Where what the event shows is right on other paths: what changes nothing there. */
  forThisPath(event: Reported, path: FlaggedPath): Fix[] {
    const fn = this.#functionAt(event.at);
    if (fn === null || event.kind !== 'release') return [];
    const { release, subject } = event;
    const { origin, interior, inside, freedBy } = subject;
    if (freedBy !== null) return interior ? [] : releaseOnce(fn, release, freedBy, path);
    if (inside && origin?.kind === 'allocation' && origin.allocation.pointer === release.pointer)
      return some(releaseStart(fn, release, origin.allocation, path));
    if (interior) return [];
    return some(origin?.kind === 'storage' && guardRelease(fn, release, origin, path));
  }

  #withoutMacro(
    fn: FunctionText,
    { replacement }: Report,
    { release }: Reported & { readonly kind: 'release' },
    path: FlaggedPath,
  ): Fix | null {
    const to = apiRow(replacement ?? '');
    return to === undefined ? null : spellOutMacro(fn, release, to, this.#sources.values(), path);
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

/** What is no block of its own, or one no more, is not released; of a block its start is. */
function otherRelease(
  fn: FunctionText,
  { subject, release }: Reported & { readonly kind: 'release' },
  path: FlaggedPath,
): Fix[] {
  const { origin, interior, inside, freedBy } = subject;
  if (freedBy !== null) return interior ? [] : releaseOnce(fn, release, freedBy, path);
  if (inside && origin?.kind === 'allocation')
    return some(releaseStart(fn, release, origin.allocation, path));
  if (interior) return [];
  if (origin?.kind === 'borrowed') return some(leaveOutRelease(fn, release, origin, path));
  return some(origin?.kind === 'storage' && leaveOutNonHeap(fn, release, path));
}

/** What is lost is released, or saved, where it would be lost. */
function keepBlock(
  fn: FunctionText,
  event: Reported & { readonly kind: 'leak' },
  path: FlaggedPath,
): Fix | null {
  const { loss, subject, certainty } = event;
  if (loss.how === 'resize')
    return (
      loss.release &&
      (reallocThroughTemporary(fn, loss.release, path) ?? saveBeforeResize(fn, loss.release, path))
    );
  if (subject.origin?.kind !== 'allocation' || certainty !== 'certain') return null;
  const { allocation } = subject.origin;
  return loss.how === 'unused'
    ? keepArgument(fn, allocation, path)
    : releaseBeforeReturn(fn, event, allocation, path);
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
