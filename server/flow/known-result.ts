// Results of calls that are known whatever the call does: an inquiry asked again, what the API was given to keep.
import { apiRow } from '../knowledge/row.ts';
import type { CallSite } from './call-site.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import { ref, type Value, valueKey } from './value.ts';

/** `PyUnicode_Check(o)` asked again gives the same answer. */
export function pureResult(frame: Frame, call: CallSite): Value | null {
  if (call.isAnalyzed || call.values.length === 0) return null;
  if (apiRow(call.name)?.role !== 'inquiry' || call.values.some((v) => v.kind !== 'ref'))
    return null;
  const id = `${call.name}(${call.values.map(valueKey).join()})`;
  if (id.length > 120) return null;
  if (!frame.origins.has(id)) frame.origins.set(id, { kind: 'opaque', slot: null });
  return ref(id);
}

/** What the program gave the API to keep comes back: in a destructor, to be released. */
export function keptResult(frame: Frame, state: State, call: CallSite): Value | null {
  if (call.isAnalyzed || apiRow(call.name)?.returnsKept !== true) return null;
  const slot = `kept for ${frame.cfg.name}`;
  return frame.fresh(state, `call${call.site}`, { kind: 'opaque', slot });
}
