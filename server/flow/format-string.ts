// Splits the format strings of PyArg_Parse* into units. Follows Doc/c-api/arg.rst of CPython 3.13.
import { type ApiRow, formatUnit } from '../knowledge/row.ts';

export interface FormatUnit {
  readonly row: ApiRow;
  /** Index of the unit's first C argument among the values of the format, 0-based. */
  readonly first: number;
  /** Behind `|`. */
  readonly isOptional: boolean;
}

/** The units in order; null when a part of the format is not known. */
export function parseFormat(format: string): FormatUnit[] | null {
  const units: FormatUnit[] = [];
  let first = 0;
  let rest = format.replace(/[:;].*$/s, '').replace(/[()$\s,]/g, '');
  let isOptional = false;
  while (rest !== '') {
    if (rest.startsWith('|')) {
      isOptional = true;
      rest = rest.slice(1);
      continue;
    }
    const length = [3, 2, 1].find(
      (n) => rest.length >= n && formatUnit('PyArg_Parse', rest.slice(0, n)) !== undefined,
    );
    if (length === undefined) return null;
    const row = formatUnit('PyArg_Parse', rest.slice(0, length))!;
    units.push({ row, first, isOptional });
    first += Math.max(1, row.cArgs.length);
    rest = rest.slice(length);
  }
  return units;
}
