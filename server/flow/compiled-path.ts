// What the preprocessor conditions of a path say together. Symbols, `'#if NAME'`, keep their value in the whole
// translation unit; a condition made of several is a symbol, too.
import {
  type Comparison,
  type Condition,
  conditionText,
  parseCondition,
} from '../preprocess/condition.ts';
import type { Meanings } from '../preprocess/switches.ts';
import { assumeTruth, compare, named } from './condition.ts';
import { excludes, type Fact } from './fact.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { Value } from './value.ts';

/** Adds a preprocessor condition, as far as it says something about single atoms; false: it never holds. */
export function assumeCompiled(
  frame: Frame,
  state: State,
  { condition, truth }: { readonly condition: Condition; readonly truth: boolean },
  meanings: Meanings,
  through: readonly string[] = [],
): boolean {
  const assume = (part: Condition, holds: boolean, within = through): boolean =>
    assumeCompiled(frame, state, { condition: part, truth: holds }, meanings, within);
  switch (condition.kind) {
    case 'not':
      return assume(condition.operand, !truth);
    case 'and':
    case 'or':
      if (!assumeTruth(frame, state, symbolOf(frame, conditionText(condition)), truth))
        return false;
      if (truth !== (condition.kind === 'and')) return true;
      return assume(condition.left, truth) && assume(condition.right, truth);
    case 'atom':
    case 'comparison': {
      const value =
        condition.kind === 'atom'
          ? symbolOf(frame, condition.text)
          : comparisonOf(frame, state, condition);
      if (!assumeTruth(frame, state, value, truth)) return false;
      const meaning = meanings(condition, through);
      return meaning === null || assume(meaning, truth, [...through, conditionText(condition)]);
    }
    case 'number':
      return (condition.value !== 0) === truth;
  }
}

/** The value of a preprocessor atom; the same in the whole translation unit. */
function symbolOf(frame: Frame, atom: string): Value {
  return named(frame, `'#if ${atom}'`, { kind: 'opaque', slot: null });
}

function comparisonOf(frame: Frame, state: State, { operator, left, right }: Comparison): Value {
  return compare(frame, state, operator, symbolOf(frame, left), { kind: 'int', value: right });
}

const WHOLE = /^'#if (\(.*\))'$/;

/** Whether what is known of `A && B` agrees with what is known of A and of B. */
export function isCompilable(frame: Frame, state: State): boolean {
  for (const [id, fact] of state.facts) {
    const [, whole] = WHOLE.exec(id) ?? [];
    if (whole === undefined) continue;
    const truth = truthOf(frame, state, parseCondition(whole));
    const known = truthIn(fact);
    if (truth !== null && known !== null && truth !== known) return false;
  }
  return true;
}

/** null: not known. */
function truthOf(frame: Frame, state: State, condition: Condition): boolean | null {
  switch (condition.kind) {
    case 'not': {
      const truth = truthOf(frame, state, condition.operand);
      return truth === null ? null : !truth;
    }
    case 'and':
    case 'or': {
      const decisive = condition.kind === 'or';
      const parts = [condition.left, condition.right].map((part) => truthOf(frame, state, part));
      if (parts.includes(decisive)) return decisive;
      return parts.includes(null) ? null : !decisive;
    }
    case 'number':
      return condition.value !== 0;
    case 'comparison': {
      const value = comparisonOf(frame, state, condition);
      return value.kind === 'int' ? value.value !== 0 : null;
    }
    case 'atom': {
      const fact = state.facts.get(`'#if ${condition.text}'`);
      return fact === undefined ? null : truthIn(fact);
    }
  }
}

function truthIn(fact: Fact): boolean | null {
  if (excludes(fact, 0)) return true;
  return fact.low === 0 && fact.high === 0 ? false : null;
}
