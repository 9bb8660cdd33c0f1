// Switches that other switches define: after `#if PY_MAJOR_VERSION >= 3`, `#define PY3K`, `#endif` to ask for
// PY3K is to ask for the version. What a compiler's -D or a file out of view defines besides is not known.
import { apiRow } from '../knowledge/row.ts';
import { isHeader } from '../syntax/language.ts';
import { relates } from '../relation.ts';
import { type Comparison, type Condition, conditionText, parseCondition } from './condition.ts';
import type { MacroDefinition, MacroTable, PreprocessorCondition } from './macros.ts';

/** A place in a file, in UTF-16 units from its start. */
export interface PlaceOfUse {
  readonly file: string;
  readonly offset: number;
}

/** Tests in the meaning of one switch; longer ones are not worth their branches. */
const MAX_TESTS = 8;
/** Of one condition; no file has as many. */
const MAX_MEANINGS = 32;
const MAX_DEPTH = 4;

/** What a condition asks of one name. */
export type Test = (Condition & { readonly kind: 'atom' }) | Comparison;

interface Asked {
  readonly name: string;
  /** Of the value of the name, which is 0 where it is not defined; null: only whether it is defined. */
  readonly holdsFor: ((value: number) => boolean) | null;
}

/** What a test means inside the meanings of other tests, outermost first; null: it stands for itself. */
export type Meanings = (test: Test, through: readonly string[]) => Condition | null;

/** The meanings of what one condition asks, and of what they ask themselves. */
export function meaningsAt(macros: MacroTable, use: PlaceOfUse): Meanings {
  let count = 0;
  return (test, through) => {
    const text = conditionText(test);
    if (isOfPython(text)) return { kind: 'number', value: 1 };
    // Switches may define each other.
    if (through.includes(text) || through.length >= MAX_DEPTH || count >= MAX_MEANINGS) return null;
    const meaning = meaningOf(test, macros, use);
    if (meaning !== null) count++;
    return meaning;
  };
}

/** `defined` asked of a macro of Python.h. */
function isOfPython(text: string): boolean {
  const name = /^defined\((\w+)\)$/.exec(text)?.[1];
  return name !== undefined && apiRow(name)?.kind === 'macro';
}

/**
 * What a test, `defined(PY3K)`, `PY3K` or `PY3K == 1`, asks in truth; null: it stands for itself, because a
 * definition depends on nothing, ends, or gives way to one that was there before (`#ifndef PY3K`).
 */
function meaningOf(test: Test, macros: MacroTable, use: PlaceOfUse): Condition | null {
  const asked = askedBy(test);
  const definitions = asked === null ? undefined : macros.get(asked.name);
  if (asked === null || definitions === undefined) return null;
  const { name, holdsFor } = asked;
  const alternatives: Condition[] = [];
  const defined: Condition[] = [];
  for (const definition of definitions) {
    const isSeen = definition.file !== use.file || definition.offset < use.offset;
    if (!isSeen || definition.until !== Infinity) return null;
    const when = whenDefined(definition, macros);
    const value = holdsFor === null ? 1 : valueOf(definition);
    if (typeof value === 'number') {
      // It holds in any case: a setting that its author may change.
      if (when === null) return null;
      defined.push(when);
      if (holdsFor?.(value) !== false) alternatives.push(when);
    } else if (value !== null && test.kind === 'atom') {
      if (when === null) return definitions.length === 1 && isOther(value, name) ? value : null;
      defined.push(when);
      alternatives.push({ kind: 'and', left: when, right: value });
    } else return null;
  }
  if (holdsFor?.(0) === true && defined.length > 0) {
    alternatives.push({ kind: 'not', operand: anyOf(defined) });
  }
  if (alternatives.length === 0) return null;
  const meaning = anyOf(alternatives);
  return isOther(meaning, name) ? meaning : null;
}

function askedBy(test: Test): Asked | null {
  if (test.kind === 'comparison') {
    const { operator, left: name, right } = test;
    if (!/^[A-Za-z_]\w*$/.test(name)) return null;
    return { name, holdsFor: (value) => relates(value, operator, right) };
  }
  const [, defined, name] = /^(?:defined\((\w+)\)|([A-Za-z_]\w*))$/.exec(test.text) ?? [];
  if (defined !== undefined) return { name: defined, holdsFor: null };
  return name === undefined ? null : { name, holdsFor: (value) => value !== 0 };
}

function anyOf(conditions: readonly Condition[]): Condition {
  return conditions.reduce((left, right) => ({ kind: 'or', left, right }));
}

/** It asks for other names, and not for too many. */
function isOther(meaning: Condition, name: string): boolean {
  const atoms = atomsOf(meaning);
  const isOwn = atoms.some((text) => text === name || text === `defined(${name})`);
  return !isOwn && atoms.length <= MAX_TESTS;
}

/** null: always. */
function whenDefined(definition: MacroDefinition, macros: MacroTable): Condition | null {
  const conditions = definition.conditions
    .filter((condition) => !isIncludeGuard(condition, definition, macros))
    .map(({ text, holds }): Condition => {
      const condition = parseCondition(text);
      return holds ? condition : { kind: 'not', operand: condition };
    });
  if (conditions.length === 0) return null;
  return conditions.reduce((left, right) => ({ kind: 'and', left, right }));
}

/** A number, or a test of other names; null: neither. */
function valueOf({ parameters, body }: MacroDefinition): number | Condition | null {
  if (parameters !== null || body === '') return null;
  const value = parseCondition(body);
  if (value.kind === 'number') return value.value;
  const isUnderstood =
    value.kind !== 'atom' || /^(?:defined\(\w+\)|[A-Za-z_]\w*)$/.test(value.text);
  return isUnderstood ? value : null;
}

/** `#ifndef NAME_H` around a whole header, which defines it first of all. */
function isIncludeGuard(
  condition: PreprocessorCondition,
  { file, offset, conditions }: MacroDefinition,
  macros: MacroTable,
): boolean {
  if (condition !== conditions[0] || !isHeader(file)) return false;
  const test = /^(!\s*)?defined\s*\(?\s*(\w+)\s*\)?$/.exec(condition.text);
  if (test === null || (test[1] !== undefined) !== condition.holds) return false;
  return (macros.get(test[2]!) ?? []).some(
    (guard) => guard.file === file && guard.conditions.length === 1 && guard.offset < offset,
  );
}

function atomsOf(condition: Condition): string[] {
  switch (condition.kind) {
    case 'not':
      return atomsOf(condition.operand);
    case 'and':
    case 'or':
      return [...atomsOf(condition.left), ...atomsOf(condition.right)];
    case 'comparison':
      return [condition.left];
    case 'atom':
      return [condition.text];
    case 'number':
      return [];
  }
}
