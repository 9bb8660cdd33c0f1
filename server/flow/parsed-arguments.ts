// What PyArg_Parse*() and its like do to the variables that they fill, by their format.
import { isObjectFamily } from '../knowledge/release.ts';
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import { converterRow } from './converters.ts';
import { ANYTHING } from './fact.ts';
import { parseFormat } from './format-string.ts';
import { isTracked, lendsMember, numberFrom } from './row-values.ts';
import {
  allocStep,
  NOT_NULL,
  type Outcome,
  outPath,
  plainBut,
  type Summary,
  type SummaryValue,
} from './summary.ts';
import type { Value } from './value.ts';

/** The call at hand, as far as it is known. */
export interface CallValues {
  readonly values: readonly Value[];
  /** What the argument points to. */
  pointee(index: number): Value;
  /** A function of the program that is handed over; null: it is not known. */
  summaryOf(name: string): Summary | null;
}

/** A parse that works fills every unit; one that fails leaves the variables alone. */
export function parsesFormat(row: ApiRow, call: CallValues): Outcome[] {
  const args = call.values;
  const format = row.formatArg === null ? undefined : args[row.formatArg];
  const start = row.firstFormatValue;
  const unknown: Outcome = plainBut({
    assigns: args
      .slice(start ?? args.length)
      .map((_, i) => ({ path: outPath((start ?? 0) + i, null), value: { kind: 'unknown' } })),
  });
  if (start === null || row.context !== 'PyArg_Parse' || format?.kind !== 'text') return [unknown];
  const units = parseFormat(format.text);
  if (units === null) return [unknown];
  const steps: Outcome['steps'][number][] = [];
  const assigns: Outcome['assigns'][number][] = [];
  for (const unit of units) {
    const out = start + unit.first + (unit.row.outIndexInUnit ?? 0);
    const converter = converterOf(unit.row, args[start + unit.first], call);
    const filled = converter === null ? unit.row : converter;
    // Lengths and whatever else the unit fills.
    for (let i = 0; i < unit.row.cArgs.length; i++) {
      const other = start + unit.first + i;
      if (other !== out) assigns.push({ path: outPath(other, null), value: { kind: 'unknown' } });
    }
    const path = outPath(out, filled.member);
    // Perhaps not given: code may ask for that in other ways than by the struct.
    const isFollowed = filled.lendsMember === null || !unit.isOptional;
    if (isOwned(filled) && isFollowed) {
      // `es#` allocates only where the variable held NULL.
      if (filled.conditional !== null && !isNull(call.pointee(out))) {
        assigns.push({ path, value: { kind: 'unknown' } });
        continue;
      }
      if (filled.lendsMember !== null) {
        assigns.push({ path: outPath(out, null), value: { kind: 'unknown' } });
        assigns.push(...lendsMember(filled, out, { isFilled: true }));
      }
      assigns.push({ path, value: { kind: 'fresh', index: steps.length } });
      steps.push(allocStep(filled, steps.length));
    } else if (filled.lendsMember !== null) {
      assigns.push({ path: outPath(out, null), value: { kind: 'unknown' } });
      assigns.push(...lendsMember(filled, out, { isFilled: false }));
    } else if (filled.role === 'out-param-borrow' && filled.lifetime !== null) {
      assigns.push({ path, value: { kind: 'lent', as: 'borrowed', row: filled, fact: ANYTHING } });
    } else {
      for (let i = 0; i < Math.max(1, unit.row.cArgs.length); i++) {
        const at = start + unit.first + i;
        assigns.push({ path: outPath(at, null), value: numberFrom(unit.row) });
      }
    }
  }
  const succeeds: SummaryValue = { kind: 'number', fact: NOT_NULL };
  return [
    plainBut({ steps, assigns, returns: succeeds }),
    plainBut({ returns: { kind: 'int', value: 0 } }),
  ];
}

function isOwned(row: ApiRow): boolean {
  return row.role === 'out-param-owned' && isTracked(row) && !isObjectFamily(row.family);
}

function isNull(value: Value): boolean {
  return value.kind === 'int' && value.value === 0;
}

function converterOf(unit: ApiRow, converter: Value | undefined, call: CallValues): ApiRow | null {
  if (!unit.cArgs[0]?.includes('converter') || converter?.kind !== 'function') return null;
  const summary = call.summaryOf(converter.name);
  return summary === null ? (apiRow(converter.name) ?? null) : converterRow(summary);
}
