// A configuration file, read and held against the schema. What is wrong with it is told with file, line and
// key; nothing of a wrong file is used.
import { basename } from 'node:path';
import * as v from 'valibot';
import type { StoredRow } from '../knowledge/row.ts';
import { didYouMean } from '../nearest-name.ts';
import { CONFIG, type Config } from './config-schema.ts';
import { declarationProblems, ownRows } from './own-functions.ts';
import { type Key, readToml } from './toml-file.ts';

export interface ConfigFile {
  /** As given. */
  readonly path: string;
  readonly config: Config;
  /** Of the functions that it declares. */
  readonly rows: readonly StoredRow[];
  /** null: none. */
  readonly requirement: Requirement | null;
}

/** `project.requires-python`, and the pyproject.toml that it stands in. */
export interface Requirement {
  readonly specifier: string;
  readonly path: string;
}

/** What is wrong with a configuration file: one complete line for each problem. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const OWN_TABLE: readonly Key[] = ['tool', 'pymem-lint'];

/** null: a pyproject.toml that says nothing of pymem-lint. Throws ConfigError. */
export function readConfig(path: string, text: string, shown: string): ConfigFile | null {
  const isProject = basename(path) === 'pyproject.toml';
  const toml = readToml(text);
  if (toml.kind === 'broken') {
    throw new ConfigError([`${shown}:${toml.line}: this is not TOML: ${toml.reason}.`]);
  }
  const above = isProject ? OWN_TABLE : [];
  const section = at(toml.value, above);
  if (section === undefined) return null;
  const parsed = v.safeParse(CONFIG, section);
  const told = (keys: readonly Key[], what: string): string =>
    `${shown}:${toml.lineOf([...above, ...keys])}: ${what}`;
  const lists = listsForTables(section, CONFIG, []);
  if (lists.length > 0 || !parsed.success) {
    const isInList = (keys: readonly Key[]): boolean =>
      lists.some((list) => list.keys.every((key, index) => key === keys[index]));
    const issues = (parsed.issues ?? []).flatMap((issue) =>
      everyKey(issue).map((keys) => ({ issue, keys })),
    );
    throw new ConfigError([
      ...lists.map(({ keys, value }) =>
        told(keys, `'${written(keys)}': expected a table, got ${show(value)}.`),
      ),
      ...issues
        .filter(({ keys }) => !isInList(keys))
        .map(({ issue, keys }) => told(keys, problem(issue, keys, isProject))),
    ]);
  }
  const problems = declarationProblems(parsed.output);
  if (problems.length > 0) {
    throw new ConfigError(
      problems.map(({ index, key, message }) =>
        told(['functions', index, key], `'${key}': ${message}`),
      ),
    );
  }
  return { path, config: parsed.output, rows: ownRows(parsed.output), requirement: null };
}

interface MisplacedList {
  readonly keys: readonly Key[];
  readonly value: unknown;
}

/** Lists where the schema has tables, which it takes for tables with numbers as keys. */
function listsForTables(
  value: unknown,
  schema: unknown,
  keys: readonly Key[],
): readonly MisplacedList[] {
  if (typeof value !== 'object' || value === null) return [];
  const isTable = ['strict_object', 'record'].includes(String(inside(schema, 'type')));
  if (isTable === Array.isArray(value)) return isTable ? [{ keys, value }] : [];
  return Object.entries(value).flatMap(([key, inner]) =>
    listsForTables(inner, schemaOf(schema, key), [...keys, isTable ? key : Number(key)]),
  );
}

/** What a pyproject.toml requires of Python, whether or not it configures pymem-lint; null: nothing. */
export function requiredPython(text: string): string | null {
  const toml = readToml(text);
  if (toml.kind === 'broken') return null;
  const value = at(toml.value, ['project', 'requires-python']);
  return typeof value === 'string' ? value : null;
}

function at(value: unknown, path: readonly Key[]): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = Object.entries(inner).find(([name]) => name === String(key))?.[1];
  }
  return inner;
}

function pathOf(issue: v.BaseIssue<unknown>): Key[] {
  return (issue.path ?? []).map((item) =>
    typeof item.key === 'number' ? item.key : String(item.key),
  );
}

/** Of the unknown keys of a table the schema tells the first: all of them, in the order of the file. */
function everyKey(issue: v.BaseIssue<unknown>): readonly Key[][] {
  const path = pathOf(issue);
  const table = issue.path?.at(-1)?.input;
  if (!isUnknownKey(issue) || typeof table !== 'object' || table === null) return [path];
  const above = path.slice(0, -1);
  const known = knownKeys(above);
  const unknown = Object.keys(table).filter((key) => !known.includes(key));
  return unknown.map((key) => [...above, key]);
}

function isUnknownKey({ type, expected: wanted }: v.BaseIssue<unknown>): boolean {
  return type === 'strict_object' && wanted === 'never';
}

function problem(issue: v.BaseIssue<unknown>, path: readonly Key[], isProject: boolean): string {
  const name = written(path);
  if (isUnknownKey(issue)) {
    const known = knownKeys(path.slice(0, -1));
    // pymem-lint.toml, written as pyproject.toml is.
    if (!isProject && name === OWN_TABLE[0]) {
      return `unknown key '${name}'. In this file keys are written without '${OWN_TABLE.join('.')}'.`;
    }
    return `unknown key '${name}'.${didYouMean(String(path.at(-1)), known) || ` Known are ${known.join(', ')}.`}`;
  }
  if (issue.received === 'undefined') return `'${name}' is missing.`;
  const got = show(issue.input);
  const options = optionsOf(issue);
  if (typeof issue.input === 'number' && options.some((option) => /^\d/.test(option))) {
    return `'${name}': expected a text, got ${got}: write it in quotes.`;
  }
  const limit = LIMITS[issue.type]?.(String(issue.requirement));
  if (limit !== undefined) return `'${name}': expected ${limit}, got ${got}.`;
  if (issue.type === 'picklist' && typeof issue.input === 'string') {
    // Versions that look alike are not alike.
    const near = /[a-z]/i.test(issue.input) ? didYouMean(issue.input, options) : '';
    return `'${name}': ${got} is not known.${near === '' ? ` It must be one of ${options.join(', ')}.` : near}`;
  }
  if (issue.type === 'regex') return `'${name}': ${got} is not ${issue.message}.`;
  return `'${name}': expected ${expected(issue)}, got ${got}.`;
}

function optionsOf(issue: v.BaseIssue<unknown>): string[] {
  return [...(issue.expected ?? '').matchAll(/"([^"]*)"/g)].map(([, option = '']) => option);
}

/** By the kind of the check that failed. */
const LIMITS: Readonly<Record<string, (requirement: string) => string>> = {
  min_value: (least) => `a number from ${least}`,
  max_value: (most) => `a number up to ${most}`,
  integer: () => 'a whole number',
  min_length: (least) => `a list of ${least} or more`,
  max_length: (most) => `a list of ${most} or less`,
  non_empty: () => 'a text that is not empty',
};

const WORDS: Readonly<Record<string, string>> = {
  Array: 'a list',
  Object: 'a table',
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
};

function expected(issue: v.BaseIssue<unknown>): string {
  const options = optionsOf(issue);
  if (options.length > 0) return `one of ${options.join(', ')}`;
  const words = issue.expected ?? issue.type;
  return WORDS[words] ?? words.replaceAll(/[A-Za-z]+/g, (word) => WORDS[word] ?? word);
}

/** `overrides[1].paths` for what a reader finds in the file. */
function written(path: readonly Key[]): string {
  if (path.length === 0) return OWN_TABLE.join('.');
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key + 1}]` : index === 0 ? key : `.${key}`))
    .join('');
}

function knownKeys(path: readonly Key[]): string[] {
  const entries = inside(path.reduce(schemaOf, CONFIG as unknown), 'entries');
  return typeof entries === 'object' && entries !== null ? Object.keys(entries) : [];
}

/** Of what stands at a key of a table, or in a list. */
function schemaOf(schema: unknown, key: Key): unknown {
  const entries = inside(schema, 'entries');
  let inner = inside(entries, String(key)) ?? inside(schema, 'item') ?? inside(schema, 'value');
  while (inside(inner, 'wrapped') !== undefined) inner = inside(inner, 'wrapped');
  return inner;
}

function inside(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
