// What the preprocessor conditions of a path say together. Symbols, `'#if NAME'`, keep their value in the whole
// translation unit; a condition made of several is a symbol, too.
import { type Condition, conditionText, parseCondition } from '../preprocess/condition.ts';
import { isRelation } from '../relation.ts';
import type { Test } from '../preprocess/switches.ts';
import { assumeTruth, compare, named } from './condition.ts';
import { excludes, type Fact } from './fact.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { Value } from './value.ts';

/**
 * Adds a preprocessor condition, as far as it says something about single atoms. `meaningOf`: what other
 * switches make of a test, else null.
 */
export function assumeCompiled(
  frame: Frame,
  state: State,
  condition: Condition,
  truth: boolean,
  meaningOf: (test: Test) => Condition | null,
): void {
  switch (condition.kind) {
    case 'not':
      assumeCompiled(frame, state, condition.operand, !truth, meaningOf);
      return;
    case 'and':
    case 'or':
      assumeTruth(frame, state, symbolOf(frame, conditionText(condition)), truth);
      if (truth === (condition.kind === 'and')) {
        assumeCompiled(frame, state, condition.left, truth, meaningOf);
        assumeCompiled(frame, state, condition.right, truth, meaningOf);
      }
      return;
    case 'atom':
    case 'comparison': {
      const value =
        condition.kind === 'atom'
          ? symbolOf(frame, condition.text)
          : comparisonOf(frame, state, condition);
      assumeTruth(frame, state, value, truth);
      const meaning = meaningOf(condition);
      // Switches may define each other.
      const inner = (test: Test): Condition | null =>
        conditionText(test) === conditionText(condition) ? null : meaningOf(test);
      if (meaning !== null) assumeCompiled(frame, state, meaning, truth, inner);
      return;
    }
    case 'number':
  }
}

/** The value of a preprocessor atom; the same in the whole translation unit. */
function symbolOf(frame: Frame, atom: string): Value {
  return named(frame, `'#if ${atom}'`, { kind: 'opaque', slot: null });
}

function comparisonOf(
  frame: Frame,
  state: State,
  { operator, left, right }: Condition & { kind: 'comparison' },
): Value {
  if (!isRelation(operator)) return { kind: 'unknown' };
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
