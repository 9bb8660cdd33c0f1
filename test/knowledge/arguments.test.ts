// The argument indices of the knowledge table against the prototypes of its rows.
import { describe, expect, test } from 'vitest';
import { type ApiRow, allRows } from '../../server/knowledge/row.ts';
import { isPointer, parameters } from './parameters.ts';

/** The rows that break a condition, so that a failure lists them all. */
const breaking = (broken: (row: ApiRow) => boolean): readonly string[] =>
  allRows()
    .filter(broken)
    .map((row) => `${row.lib}: ${row.name}`);

const argumentIndices = (row: ApiRow): readonly number[] => [
  ...[row.pointerArg, row.assignsArg, row.reallocsArg, row.returnsArg, row.returnsInterior].filter(
    (index) => index !== null,
  ),
  ...row.outArgs,
  ...row.steals,
  ...row.replaces,
  ...row.sizeArgs.map(({ arg }) => arg),
  ...row.ptrArgs.map(({ arg }) => arg),
  ...(row.formatArg === null ? [] : [row.formatArg]),
];

describe('argument indices', () => {
  test('lie inside the prototype', () => {
    expect(
      breaking((row) => {
        const found = row.signature === null ? null : parameters(row.signature);
        if (found === null || found.at(-1) === '...') return false;
        return argumentIndices(row).some((index) => index >= found.length);
      }),
    ).toEqual([]);
  });

  test('of pointers name a pointer in the prototype', () => {
    expect(
      breaking((row) => {
        const found = row.signature === null ? null : parameters(row.signature);
        if (found === null || row.kind === 'macro') return false;
        const pointers = [
          ...(row.pointerArg === null ? [] : [row.pointerArg]),
          ...row.outArgs,
          ...row.steals,
          ...row.replaces,
          ...row.ptrArgs.map(({ arg }) => arg),
        ];
        return pointers.some((index) => !isPointer(found[index] ?? ''));
      }),
    ).toEqual([]);
  });

  test('are natural numbers', () => {
    expect(
      breaking((row) =>
        argumentIndices(row).some((index) => !Number.isInteger(index) || index < 0),
      ),
    ).toEqual([]);
  });

  test('a release says which argument it releases', () => {
    const consumes = new Set(['free', 'object-free', 'realloc', 'refcount-dec', 'buffer-release']);
    expect(breaking((row) => consumes.has(row.role) && row.pointerArg === null)).toEqual([]);
  });

  test('the values of a format come after it', () => {
    expect(
      breaking(
        (row) =>
          row.formatArg !== null &&
          row.firstFormatValue !== null &&
          row.firstFormatValue <= row.formatArg,
      ),
    ).toEqual([]);
  });
});
