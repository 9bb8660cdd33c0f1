// Switches that other switches define: after `#if PY_MAJOR_VERSION >= 3`, `#define PY3K`, `#endif` to ask for
// PY3K is to ask for the version. What a compiler's -D or a file out of view defines besides is not known.
import { isHeader } from '../syntax/language.ts';
import { type Condition, parseCondition } from './condition.ts';
import type { MacroDefinition, MacroTable, PreprocessorCondition } from './macros.ts';

/** A place in a file, in UTF-16 units from its start. */
export interface PlaceOfUse {
  readonly file: string;
  readonly offset: number;
}

/** Tests in the meaning of one switch; longer ones are not worth their branches. */
const MAX_TESTS = 8;

/**
 * What an atom of a condition, `defined(PY3K)` or `PY3K`, asks in truth; null: it stands for itself, because a
 * definition depends on nothing, ends, or gives way to one that was there before (`#ifndef PY3K`).
 */
export function meaningOf(atom: string, macros: MacroTable, use: PlaceOfUse): Condition | null {
  const [, asked, valued] = /^(?:defined\((\w+)\)|([A-Za-z_]\w*))$/.exec(atom) ?? [];
  const name = asked ?? valued;
  const definitions = name === undefined ? undefined : macros.get(name);
  if (name === undefined || definitions === undefined) return null;
  const alternatives: Condition[] = [];
  for (const definition of definitions) {
    const isSeen = definition.file !== use.file || definition.offset < use.offset;
    if (!isSeen || definition.until !== Infinity) return null;
    const when = whenDefined(definition, macros);
    const value = asked === undefined ? valueOf(definition) : 1;
    // It holds in any case: a setting that its author may change.
    if (when === null || value === null) return null;
    if (value !== 0) alternatives.push(when);
  }
  if (alternatives.length === 0) return null;
  const meaning = alternatives.reduce((left, right) => ({ kind: 'or', left, right }));
  const atoms = atomsOf(meaning);
  const isOwn = atoms.some((text) => text === name || text === `defined(${name})`);
  return isOwn || atoms.length > MAX_TESTS ? null : meaning;
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

/** null: it is no number. */
function valueOf({ parameters, body }: MacroDefinition): number | null {
  const value = parseCondition(body);
  return parameters === null && value.kind === 'number' ? value.value : null;
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
