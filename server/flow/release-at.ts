// A release as the function sees it that makes the call.
import type { ApiRow } from '../knowledge/row.ts';
import type { CallSite } from './call-site.ts';
import { pathText } from './caller-text.ts';
import type { Frame } from './frame.ts';
import { withoutCasts } from './heap-call.ts';
import type { AccessPath, Release } from './value.ts';

/**
 * `inner`: where an analyzed callee does it; null: the call itself. `path`: what the callee releases, as the
 * caller sees it.
 */
export function releaseAt(
  frame: Frame,
  call: CallSite,
  inner: Release | null,
  row: ApiRow,
  path: AccessPath,
): Release {
  if (inner !== null) {
    const pointer = pathText(path, call) ?? inner.pointer;
    return {
      api: inner.api,
      row: inner.row,
      family: inner.family,
      pointer,
      at: inner.at,
      calledAt: call.at,
      calleeSpan: null,
      through: [call.name, ...inner.through],
      isRealloc: inner.isRealloc,
    };
  }
  const pointed = call.values[row.pointerArg ?? 0];
  const object = pointed === undefined ? undefined : frame.originOf(pointed);
  const family = object?.kind === 'allocation' ? object.allocation.family : row.family;
  return {
    api: row.name,
    row,
    // A reference is given up, whatever the memory of the object.
    family: row.role === 'refcount-dec' ? family : row.family,
    pointer: withoutCasts(call.arguments[row.pointerArg ?? 0]?.text ?? ''),
    at: call.at,
    calledAt: call.at,
    calleeSpan: call.calleeSpan,
    through: call.through,
    isRealloc: row.role === 'realloc',
  };
}
