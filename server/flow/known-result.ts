// Results of calls that follow from earlier calls: an inquiry asked again, by a callee or its caller; whether
// an exception is set; what the API was given to keep.
import { type ApiRow, apiRow } from '../knowledge/row.ts';
import type { CallSite } from './call-site.ts';
import { assumeTruth } from './condition.ts';
import { rowMayRaise } from './exceptions.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import { type Inquiry, NOT_NULL } from './summary.ts';
import { type CellKey, keptSlot, ref, type Value, valueKey } from './value.ts';

/** `PyUnicode_Check(o)` asked again gives the same answer. */
export function pureResult(frame: Frame, call: CallSite): Value | null {
  if (call.isAnalyzed || call.values.length === 0) return null;
  if (apiRow(call.name)?.repeatable !== true) return null;
  return inquire(frame, call.name, call.values);
}

function inquire(frame: Frame, api: string, values: readonly Value[]): Value | null {
  if (values.some((v) => v.kind === 'unknown')) return null;
  const id = `${api}(${values.map(valueKey).join()})`;
  if (id.length > 120) return null;
  if (!frame.origins.has(id)) frame.origins.set(id, { kind: 'opaque', slot: null });
  frame.inquiries.set(id, { api, values });
  return ref(id);
}

/** What a function was answered about its arguments, for its callers. */
export function inquiriesOf(frame: Frame, state: State): readonly Inquiry[] {
  return [...frame.inquiries].flatMap(([id, { api, values }]): Inquiry[] => {
    const fact = state.factOf(id);
    const isFalse = fact.low === 0 && fact.high === 0;
    if (!isFalse && !fact.not.includes(0)) return [];
    const of = values.flatMap((value): (number | CellKey)[] => {
      if (value.kind === 'address') return value.cell.startsWith('g:') ? [value.cell] : [];
      const origin = frame.originOf(value);
      const isParameter =
        origin?.kind === 'initial' &&
        origin.path.root.kind === 'argument' &&
        origin.path.steps.length === 0;
      return isParameter && origin.path.root.kind === 'argument' ? [origin.path.root.index] : [];
    });
    return of.length === values.length ? [{ api, of, isTrue: !isFalse }] : [];
  });
}

/** The caller gets the answers that its callee got; false: it got another one before. */
export function assumeInquiry(frame: Frame, state: State, call: CallSite, asked: Inquiry): boolean {
  const values = asked.of.map(
    (of): Value => (typeof of === 'string' ? { kind: 'address', cell: of } : valueOf(call, of)),
  );
  const answer = inquire(frame, asked.api, values);
  return answer === null || assumeTruth(frame, state, answer, asked.isTrue);
}

function valueOf(call: CallSite, index: number): Value {
  return call.values[index] ?? { kind: 'unknown' };
}

/** What the program gave the API to keep comes back: in a destructor, to be released. */
export function keptResult(frame: Frame, state: State, call: CallSite): Value | null {
  if (call.isAnalyzed || apiRow(call.name)?.returnsKept !== true) return null;
  const slot = keptSlot(frame.cfg.name);
  return frame.fresh(state, `call${call.site}`, { kind: 'opaque', slot });
}

/** Holds 1 while an exception is surely set. */
const EXCEPTION: CellKey = '?exception';

/** `if (PyErr_Occurred())` after a call asks whether that gave NULL: the states in which it did not, and did. */
export function askedStates(state: State, row: ApiRow | undefined): readonly State[] {
  const { failsWith } = state;
  if (row?.asksException !== true || failsWith === null) return [state];
  const failed = state.clone();
  const mayFail = failed.assume(failsWith, '==', 0);
  failed.cells.set(EXCEPTION, { kind: 'int', value: 1 });
  const mayWork = state.assume(failsWith, '!=', 0);
  state.errorIsClear = true;
  return [...(mayWork ? [state] : []), ...(mayFail ? [failed] : [])];
}

/** Remembers an exception that a call sets; what else a call of the program does to it is not known. */
export function noteException(state: State, row: ApiRow | undefined, result: Value): void {
  const isBlock = result.kind === 'ref' && state.heap.get(result.id) === 'live';
  if (isBlock && row !== undefined && row.nullOnFailure && rowMayRaise(row)) {
    state.failsWith = result.id;
  }
  if (row?.raises === true) state.cells.set(EXCEPTION, { kind: 'int', value: 1 });
  else if (row === undefined) state.cells.delete(EXCEPTION);
  else if (row.asksException && result.kind === 'ref' && state.cells.has(EXCEPTION)) {
    state.facts.set(result.id, NOT_NULL);
  }
}
