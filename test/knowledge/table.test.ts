// The knowledge table against itself: a row that contradicts another one, its own prototype or the
// list of families would become a wrong claim in somebody's editor.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FAMILIES, isFamily } from '../../simulator/families.ts';
import {
  type ApiRow,
  allRows,
  apiRow,
  formatUnit,
  operatorRow,
} from '../../server/knowledge/row.ts';
import { LIBRARIES, RELEASE_GROUPS } from '../../server/knowledge/libraries.ts';
import {
  FORMAT_CONTEXTS,
  KINDS,
  ON_FAILURE,
  POINTER_BEHAVIORS,
  ROLES,
  SIZE_MEANINGS,
  THREAD_STATE_EFFECTS,
  ZERO_SIZE,
} from '../../server/knowledge/vocabulary.ts';

const rows = allRows();
const known = (name: string): boolean =>
  apiRow(name) !== undefined || operatorRow(name) !== undefined;

/** The rows that break a condition, so that a failure lists them all. */
const breaking = (broken: (row: ApiRow) => boolean): readonly string[] =>
  rows.filter(broken).map((row) => `${row.lib}: ${row.name}`);

const families = (row: ApiRow): readonly string[] => [
  ...(row.family === null ? [] : [row.family]),
  ...Object.values(row.familyIf),
  ...Object.values(row.familyByVersion),
  ...Object.keys(row.allowedValues),
  ...row.compatibleFamilies,
  ...row.alsoFrees,
  ...row.notFor,
];

test('the table holds the libraries that extensions use', () => {
  expect(rows.length).toBeGreaterThan(2000);
  for (const name of ['PyMem_Malloc', 'PyArray_malloc', 'malloc', 'g_malloc', 'HeapAlloc'])
    expect(apiRow(name)?.role, name).toBe('alloc');
});

test('a data file has one row per line, with the columns in the order of ApiRow', () => {
  const columns = Object.keys(rows[0] ?? {});
  const folder = fileURLToPath(new URL('../../server/knowledge/', import.meta.url));
  const wrong = Object.keys(LIBRARIES).flatMap((lib) => {
    const lines = readFileSync(`${folder}${lib}.json`, 'utf8').trimEnd().split('\n').slice(1, -1);
    return lines.filter((line) => {
      const row: unknown = JSON.parse(line.replace(/,$/, ''));
      const found = Object.keys(row ?? {});
      return found.join() !== columns.filter((column) => found.includes(column)).join();
    });
  });
  expect(wrong).toEqual([]);
});

test('a name has one row', () => {
  const seen = new Map<string, string>();
  const twice = rows.filter((row) => {
    const before = seen.get(row.name);
    seen.set(row.name, row.lib);
    return before !== undefined;
  });
  expect(twice.map((row) => row.name)).toEqual([]);
});

describe('values', () => {
  // A stored value outside its union is invisible to the compiler: the files are JSON.
  test.each([
    ['kind', KINDS],
    ['role', ROLES],
    ['onFailure', ON_FAILURE],
    ['zeroSize', ZERO_SIZE],
    ['context', FORMAT_CONTEXTS],
    ['threadState', THREAD_STATE_EFFECTS],
    ['ref', ['new', 'borrowed']],
  ] as const)('%s', (column, allowed) => {
    const words: ReadonlySet<string> = new Set(allowed);
    expect(breaking((row) => row[column] !== null && !words.has(row[column]))).toEqual([]);
  });

  test('families are the families of the simulator', () => {
    expect(breaking((row) => families(row).some((name) => !isFamily(name)))).toEqual([]);
  });

  test('size meanings and pointer behaviors', () => {
    const sizes: ReadonlySet<string> = new Set(SIZE_MEANINGS);
    const behaviors: ReadonlySet<string> = new Set(POINTER_BEHAVIORS);
    expect(breaking((row) => row.sizeArgs.some(({ meaning }) => !sizes.has(meaning)))).toEqual([]);
    expect(breaking((row) => row.ptrArgs.some(({ behavior }) => !behaviors.has(behavior)))).toEqual(
      [],
    );
  });

  test('conditions are ones that can be read', () => {
    const readable =
      /^(arg\d (==|!=) (NULL|0)|arg\d & [A-Z_]+|!\(arg\d & [A-Z_]+\)|\*out == NULL|format has %m)$/;
    expect(breaking((row) => row.conditional !== null && !readable.test(row.conditional))).toEqual(
      [],
    );
  });

  test('no row has a column that the reader does not know', () => {
    const columns = new Set(Object.keys(rows[0] ?? {}));
    const unknown = Object.values(LIBRARIES)
      .flat()
      .flatMap((row) => Object.keys(row).filter((column) => !columns.has(column)));
    expect(unknown).toEqual([]);
  });
});

describe('who releases what', () => {
  test('every release and realloc has a row', () => {
    expect(
      rows.flatMap((row) =>
        [...row.releasesWith, ...row.reallocWith, ...row.mustReturnFrom, ...row.forbiddenValues]
          .filter((name) => !known(name))
          .map((name) => `${row.name}: ${name}`),
      ),
    ).toEqual([]);
  });

  test('what is allocated can be released, or the row says why not', () => {
    const allocates = new Set([
      'alloc',
      'realloc',
      'object-alloc',
      'owned-result',
      'out-param-owned',
    ]);
    expect(
      breaking(
        (row) =>
          allocates.has(row.role) &&
          row.releasesWith.length === 0 &&
          !row.mustNotFree &&
          row.note === '',
      ),
    ).toEqual([]);
  });

  test('a release is of the family of what it releases', () => {
    const releases = new Set(['free', 'realloc']);
    const wrong = rows.flatMap((row) =>
      [...row.releasesWith, ...row.reallocWith].flatMap((name) => {
        const release = apiRow(name) ?? operatorRow(name);
        if (release === undefined || !releases.has(release.role)) return [];
        const accepted = [
          row.family,
          ...row.compatibleFamilies,
          ...Object.values(row.familyIf),
          ...(release.compatibleFamilies ?? []),
        ];
        return accepted.includes(release.family) ||
          (row.family !== null && release.alsoFrees.includes(row.family))
          ? []
          : [`${row.name} (${row.family}) ${name} (${release.family})`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test('the release that a family names has a row of that family', () => {
    const wrong = Object.entries(FAMILIES).flatMap(([family, { release }]) => {
      if (release === null) return [];
      const row = apiRow(release) ?? operatorRow(release);
      if (row === undefined) return [`${family}: ${release} has no row`];
      const same =
        row.family === family ||
        Object.values(row.familyIf).some((other) => other === family) ||
        row.compatibleFamilies.some((other) => other === family);
      return same ? [] : [`${family}: ${release} is of ${row.family}`];
    });
    expect(wrong).toEqual([]);
  });

  test('a release group is used and its members exist', () => {
    for (const [group, members] of Object.entries(RELEASE_GROUPS)) {
      expect(
        members.filter((name) => !known(name)),
        group,
      ).toEqual([]);
      expect(JSON.stringify(LIBRARIES)).toContain(group);
    }
    expect(breaking((row) => row.releasesWith.some((name) => name.startsWith('@')))).toEqual([]);
  });
});

test('an alias leads to a row of the same family and role', () => {
  const target = (row: ApiRow, hops: number): ApiRow | undefined => {
    if (row.aliasOf === null) return row;
    const next = apiRow(row.aliasOf);
    return hops === 0 || next === undefined ? undefined : target(next, hops - 1);
  };
  expect(
    breaking((row) => {
      const end = target(row, 4);
      return (
        end === undefined ||
        !(end.family === row.family || row.compatibleFamilies.some((f) => f === end.family)) ||
        end.role !== row.role
      );
    }),
  ).toEqual([]);
});

describe('format units', () => {
  const units = rows.filter((row) => row.kind === 'format-unit');

  test('are found by language and unit', () => {
    expect(units.length).toBeGreaterThan(60);
    for (const row of units) {
      if (row.unit === null || (row.context !== 'PyArg_Parse' && row.context !== 'Py_BuildValue'))
        throw new Error(`${row.name} has no unit or no language`);
      expect(formatUnit(row.context, row.unit)).toBe(row);
      expect(row.cArgs.length, row.name).toBeGreaterThan(0);
    }
  });

  test('hand the block to one of the arguments that they consume', () => {
    const wrong = units.filter(
      (row) => row.outIndexInUnit !== null && row.cArgs[row.outIndexInUnit] === undefined,
    );
    expect(wrong.map((row) => row.name)).toEqual([]);
    const owned = units.filter((row) => row.role === 'out-param-owned');
    expect(owned.filter((row) => row.outIndexInUnit === null).map((row) => row.name)).toEqual([]);
  });

  test.each(['es', 'et', 'es#', 'et#'])('%s: encoding first, then the owned buffer', (unit) => {
    const row = formatUnit('PyArg_Parse', unit);
    expect(row).toMatchObject({ family: 'py-mem', role: 'out-param-owned', outIndexInUnit: 1 });
    expect(row?.releasesWith).toContain('PyMem_Free');
    expect(row?.cArgs).toHaveLength(unit.endsWith('#') ? 3 : 2);
  });
});
