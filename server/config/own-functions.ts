// Functions that a project declares, as rows of the knowledge table: each takes what it does not say from a
// function of the same family that the table knows. Arguments count from 1 here, from 0 in a row.
import { type Family, FAMILIES, isFamily } from '../../simulator/families.ts';
import { allRows, apiRow, type ApiRow, type StoredRow } from '../knowledge/row.ts';
import type { Role } from '../knowledge/vocabulary.ts';
import { didYouMean } from '../nearest-name.ts';
import type { Config, DeclaredFunction } from './config-schema.ts';

/** Short names of the families that extensions use most. */
const SHORT: Readonly<Record<string, Family>> = {
  raw: 'py-raw',
  mem: 'py-mem',
  object: 'py-object',
  obj: 'py-object',
};

const ACTIONS = ['allocates', 'releases', 'reallocates'] as const;

export interface DeclarationProblem {
  /** Which of the functions, from 0. */
  readonly index: number;
  readonly key: keyof DeclaredFunction;
  readonly message: string;
}

type Declarations = Pick<Config, 'functions' | 'families'>;

export function declarationProblems(config: Declarations): DeclarationProblem[] {
  return (config.functions ?? []).flatMap((declared, index) => {
    const problems: DeclarationProblem[] = [];
    const said = ACTIONS.filter((action) => declared[action] !== undefined);
    const ways = said.length + Number(declared.like !== undefined);
    if (ways > 1) {
      problems.push({
        index,
        key: said[0] ?? 'like',
        message: `a function has one of like, ${ACTIONS.join(', ')}.`,
      });
    } else if (ways === 0 && declared['no-return'] !== true) {
      problems.push({
        index,
        key: 'name',
        message: `'${declared.name}' says nothing: give it one of like, ${ACTIONS.join(', ')}, no-return.`,
      });
    }
    for (const action of said) {
      const name = declared[action] ?? '';
      if (familyOf(name, config) !== null) continue;
      const known = [...Object.keys(SHORT), ...(config.families ?? []), ...Object.keys(FAMILIES)];
      const near = didYouMean(name, known);
      const message = `there is no family '${name}'.${near || ` Declare it: families = ["${name}"].`}`;
      problems.push({ index, key: action, message });
    }
    if (declared.like !== undefined && apiRow(declared.like) === undefined) {
      const near = didYouMean(
        declared.like,
        allRows().map(({ name }) => name),
      );
      const message = `the knowledge table has no '${declared.like}'.${near}`;
      problems.push({ index, key: 'like', message });
    }
    return problems;
  });
}

/** The rows of what was found to be without problems. */
export function ownRows(config: Declarations): StoredRow[] {
  return (config.functions ?? []).map((declared) => ownRow(declared, config));
}

function ownRow(declared: DeclaredFunction, config: Declarations): StoredRow {
  const { name } = declared;
  const noReturn = declared['no-return'] ?? false;
  if (declared.like !== undefined) {
    const row = apiRow(declared.like);
    if (row !== undefined)
      return { ...row, ...saidOf(declared), name, aliasOf: row.aliasOf ?? row.name };
  }
  if (declared.allocates !== undefined) {
    const family = familyOf(declared.allocates, config);
    return {
      ...template(['alloc'], family),
      nullOnFailure: true,
      releasesWith: releasers(family, config),
      ...saidOf(declared),
      name,
      role: 'alloc',
      family,
      sizeArgs: sizesOf(declared.size ?? 1),
      zeroed: declared.zeroed ?? false,
    };
  }
  if (declared.releases !== undefined) {
    const family = familyOf(declared.releases, config);
    const row = template(['free', 'handle-free', 'object-free'], family);
    const role = row?.role ?? 'free';
    const pointerArg = (declared.argument ?? 1) - 1;
    return { ...row, nullOk: true, ...saidOf(declared), name, role, family, pointerArg };
  }
  if (declared.reallocates !== undefined) {
    const family = familyOf(declared.reallocates, config);
    return {
      ...template(['realloc'], family),
      nullOnFailure: true,
      releasesWith: releasers(family, config),
      ...saidOf(declared),
      name,
      role: 'realloc',
      family,
      pointerArg: (declared.argument ?? 1) - 1,
      sizeArgs: sizesOf(declared.size ?? 2),
    };
  }
  return { name, role: 'call-duration', noReturn };
}

function saidOf(declared: DeclaredFunction): Partial<StoredRow> {
  const by = declared['released-by'];
  return {
    ...(declared['never-null'] === true ? { nullOnFailure: false } : {}),
    ...(declared['no-return'] === true ? { noReturn: true } : {}),
    ...(by === undefined ? {} : { releasesWith: by }),
  };
}

/** A plain function of the family that does the same; what it is called does not matter. */
function template(roles: readonly Role[], family: Family | null): ApiRow | undefined {
  const row = allRows().find(
    (other) =>
      roles.includes(other.role) &&
      other.family === family &&
      other.kind === 'function' &&
      other.aliasOf === null &&
      other.conditional === null,
  );
  return row === undefined ? undefined : { ...row, signature: null, slotOf: null, source: [] };
}

/** What may release a block of the family: the table's functions, then the project's own. */
function releasers(family: Family | null, config: Declarations): string[] {
  const own = (config.functions ?? [])
    .filter(({ releases }) => releases !== undefined && familyOf(releases, config) === family)
    .map(({ name }) => name);
  return [...(template(['alloc'], family)?.releasesWith ?? []), ...own];
}

function sizesOf(size: number | readonly number[]): StoredRow['sizeArgs'] {
  const [first = 1, second] = typeof size === 'number' ? [size] : size;
  if (second === undefined) return [{ arg: first - 1, meaning: 'bytes' }];
  return [
    { arg: first - 1, meaning: 'count' },
    { arg: second - 1, meaning: 'elemsize' },
  ];
}

function familyOf(name: string, { families = [] }: Declarations): Family | null {
  if (families.includes(name)) return `own:${name}`;
  if (Object.hasOwn(SHORT, name)) return SHORT[name] ?? null;
  return isFamily(name) && Object.hasOwn(FAMILIES, name) ? name : null;
}
