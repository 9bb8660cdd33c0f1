// The same flagged path over a smaller or a larger block: what CPython's 512-byte threshold decides. Only
// sizes that the source does not fix are changed.
import type { BlockId, FlaggedPath, Size, Step } from './flagged-path.ts';
import { SMALL_REQUEST_THRESHOLD } from './pymalloc/pymalloc.ts';

/** Stand for any request on either side of the threshold, with room for the debug hooks and a pre-header. */
const SMALL = 48;
const LARGE = 1000;

export interface SizedPath {
  /** `as written`: the source fixes the size of the block, or it has none. */
  readonly size: 'as written' | 'small' | 'large';
  /** Bytes requested for the block of the flagged step; null: it was never allocated on the path. */
  readonly bytes: number | null;
  readonly path: FlaggedPath;
}

/** The path on either side of the threshold, the one that was given first; one path where the size is fixed. */
export function sizedPaths(path: FlaggedPath): readonly SizedPath[] {
  const ids = chainOf(path);
  const sizes = path.steps.flatMap((step) => (isRequest(step, ids) ? [step.size] : []));
  const [first] = sizes;
  if (first === undefined || sizes.some(({ chosen }) => !chosen))
    return [{ size: 'as written', bytes: first?.bytes ?? null, path }];
  const isSmall = first.bytes <= SMALL_REQUEST_THRESHOLD;
  const other = isSmall ? LARGE : SMALL;
  return [
    { size: isSmall ? 'small' : 'large', bytes: first.bytes, path },
    { size: isSmall ? 'large' : 'small', bytes: other, path: resized(path, ids, other) },
  ];
}

/** The flagged block and those that it was resized from or into. */
function chainOf(path: FlaggedPath): ReadonlySet<BlockId> {
  const flagged = path.steps[path.fault];
  const ids = new Set<BlockId>();
  if (flagged === undefined || !('block' in flagged)) return ids;
  ids.add(flagged.block);
  for (let known = 0; known < ids.size; ) {
    known = ids.size;
    for (const step of path.steps)
      if (step.kind === 'realloc' && (ids.has(step.block) || ids.has(step.into)))
        ids.add(step.block).add(step.into);
  }
  return ids;
}

function isRequest(
  step: Step,
  ids: ReadonlySet<BlockId>,
): step is Extract<Step, { kind: 'alloc' | 'realloc' }> {
  if (step.kind === 'alloc') return ids.has(step.block);
  return step.kind === 'realloc' && ids.has(step.into);
}

/** What an access has beyond the old end it has beyond the new one. */
function resized(path: FlaggedPath, ids: ReadonlySet<BlockId>, bytes: number): FlaggedPath {
  let delta = 0;
  const steps = path.steps.map((step): Step => {
    if (isRequest(step, ids)) {
      // A resize keeps its distance to the first request.
      delta = delta === 0 ? bytes - step.size.bytes : delta;
      return { ...step, size: moved(step.size, delta) };
    }
    if (step.kind !== 'read' && step.kind !== 'write') return step;
    if (!ids.has(step.block) || step.offset.bytes + step.size.bytes < bytes - delta) return step;
    return step.size.chosen
      ? { ...step, size: moved(step.size, delta) }
      : { ...step, offset: moved(step.offset, delta) };
  });
  return { ...path, steps };
}

function moved(size: Size, delta: number): Size {
  return { ...size, bytes: Math.max(1, size.bytes + delta) };
}
