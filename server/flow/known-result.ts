// Results of calls that are known whatever the call does: an inquiry asked again, what the API was given to keep.
import { type ApiRow, apiRow } from '../knowledge/row.ts';
import type { CallSite } from './call-site.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import { NOT_NULL } from './summary.ts';
import { type CellKey, ref, type Value, valueKey } from './value.ts';

/** `PyUnicode_Check(o)` asked again gives the same answer. */
export function pureResult(frame: Frame, call: CallSite): Value | null {
  if (call.isAnalyzed || call.values.length === 0) return null;
  if (apiRow(call.name)?.repeatable !== true) return null;
  if (call.values.some((v) => v.kind === 'unknown')) return null;
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

/** Holds 1 while an exception is surely set. */
const EXCEPTION: CellKey = '?exception';

/** Remembers an exception that a call sets; what else a call of the program does to it is not known. */
export function noteException(state: State, row: ApiRow | undefined, result: Value): void {
  if (row?.raises === true) state.cells.set(EXCEPTION, { kind: 'int', value: 1 });
  else if (row === undefined) state.cells.delete(EXCEPTION);
  else if (row.asksException && result.kind === 'ref' && state.cells.has(EXCEPTION)) {
    state.facts.set(result.id, NOT_NULL);
  }
}
