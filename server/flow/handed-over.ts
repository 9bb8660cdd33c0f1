// Blocks that an API will release later: by a function that is handed over with them, or in its own way when
// a flag says that they are its own, or a hook returns them.
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import type { CallBlocks } from './call-blocks.ts';
import type { CallSite } from './call-site.ts';
import type { Exit } from './explore.ts';
import type { Frame } from './frame.ts';
import { withoutCasts } from './heap-call.ts';
import { blocksKeptWith } from './lending.ts';
import { releaseAt } from './release-at.ts';
import type { State } from './state.ts';
import { argumentPath } from './summary.ts';
import { keptSlot, type Origin, ref, type Value } from './value.ts';

/** `keep(p, free)`: a pointer that the API keeps, and the function that will release it. */
export function registerDestructor(
  frame: Frame,
  blocks: CallBlocks,
  state: State,
  call: CallSite,
  row: ApiRow | undefined,
): void {
  if (row === undefined || row.destructorArg === null || row.pointerArg === null) return;
  const destructor = call.values[row.destructorArg];
  const kept = call.values[row.pointerArg];
  if (destructor?.kind !== 'function' || kept === undefined || kept.kind === 'int') return;
  const by = apiRow(destructor.name);
  if (by?.role === 'free') {
    const pointer = withoutCasts(call.arguments[row.pointerArg]?.text ?? '');
    const release = releaseAt(frame, call, null, by, argumentPath(0));
    blocks.tellRelease(state, kept, { ...release, pointer, calleeSpan: null });
  }
  const id = kept.kind === 'ref' && !kept.interior ? kept.id : null;
  const origin = frame.originOf(kept) ?? null;
  blocks.writes.write(state, keptSlot(destructor.name), id, origin, call.at);
}

/** `void drop(void *p)`: what the API keeps until it calls the function; null: another path, or an object. */
export function keptArgument(
  frame: Frame,
  origin: Origin & { readonly kind: 'initial' },
): (Origin & { readonly kind: 'initial' }) | null {
  const { path, slot } = origin;
  if (slot !== null || path.root.kind !== 'argument' || path.root.index !== 0) return null;
  if (path.steps.length > 0 || frame.cfg.parameters[0]?.pointsTo !== null) return null;
  return { ...origin, slot: keptSlot(frame.cfg.name) };
}

/**
 * `own(object, OWNS_DATA)`: the object will release what it has only kept so far. `result`: of the call, where
 * the call makes the object.
 */
export function takeOver(
  frame: Frame,
  blocks: CallBlocks,
  state: State,
  call: CallSite,
  result: Value,
): void {
  const row = call.isAnalyzed ? undefined : apiRow(call.name);
  if (row === undefined || row.flagsArg === null) return;
  const flags = call.arguments[row.flagsArg]?.text.match(/\w+/g) ?? [];
  const flag = flags.map((name) => apiRow(name)).find((known) => known?.releasedBy != null);
  const by = flag === undefined ? undefined : apiRow(flag.releasedBy!);
  const owner = row.pointerArg === null ? result : call.values[row.pointerArg];
  if (flag === undefined || by === undefined || owner?.kind !== 'ref') return;
  for (const id of blocksKeptWith(state, owner.id)) {
    const origin = frame.origins.get(id);
    if (origin?.kind !== 'allocation' || origin.allocation.family === flag.family) continue;
    blocks.tellRelease(state, ref(id), {
      ...releaseAt(frame, call, null, by, argumentPath(0)),
      pointer: origin.allocation.pointer,
      calleeSpan: null,
      through: [flag.name],
      allocator: flag.mustReturnFrom[0],
    });
  }
}

/** `PyOS_ReadlineFunctionPointer = read;`: what the function returns is released by whoever calls the hook. */
export function tellReturned(
  frame: Frame,
  blocks: CallBlocks,
  exits: readonly Exit[],
  hook: string,
): void {
  const row = apiRow(hook);
  const by = row?.releasedBy == null ? undefined : apiRow(row.releasedBy);
  if (row === undefined || by === undefined) return;
  for (const { state, value, at } of exits) {
    const origin = value?.kind === 'ref' ? frame.origins.get(value.id) : undefined;
    if (value === null || origin?.kind !== 'allocation') continue;
    blocks.tellRelease(state, value, {
      api: by.name,
      row: by,
      family: by.family,
      pointer: origin.allocation.pointer,
      at,
      calledAt: at,
      calleeSpan: null,
      through: [hook],
      isRealloc: false,
      allocator: row.mustReturnFrom[0],
    });
  }
}
