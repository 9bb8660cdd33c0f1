// What a condition says about the values it tests.
import { type Relation, relates } from '../relation.ts';
import { excludes, type Fact, mirror, negate } from './fact.ts';
import { areDistinct } from './distinct.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import {
  type Id,
  interiorRef,
  NULL,
  type Origin,
  ref,
  sameValue,
  type Value,
  valueKey,
} from './value.ts';

const MAX_KEY = 120;
const MAX_OPERATIONS = 6;

/** The value of `left operator right`; comparisons that are decided become 0 or 1. */
export function compare(
  frame: Frame,
  state: State,
  operator: Relation,
  left: Value,
  right: Value,
): Value {
  if (pointIntoTheSame(left, right)) return { kind: 'unknown' };
  const decided = decide(frame, state, operator, left, right);
  if (decided !== null) return { kind: 'int', value: decided ? 1 : 0 };
  // `!=`, `<=`, `>` and `>=` are written with `==` and `<`, so that equal tests get equal names.
  switch (operator) {
    case '==':
    case '<':
      return predicate(frame, operator, left, right);
    case '!=':
      return not(frame, predicate(frame, '==', left, right));
    case '>':
      return predicate(frame, '<', right, left);
    case '<=':
      return not(frame, predicate(frame, '<', right, left));
    case '>=':
      return not(frame, predicate(frame, '<', left, right));
  }
}

/** Two pointers into one block, each at some place. */
function pointIntoTheSame(a: Value, b: Value): boolean {
  return a.kind === 'ref' && b.kind === 'ref' && a.id === b.id && a.interior && b.interior;
}

function predicate(frame: Frame, operator: '==' | '<', left: Value, right: Value): Value {
  const [a, b] =
    operator === '==' && valueKey(left) > valueKey(right) ? [right, left] : [left, right];
  const key = `(${valueKey(a)}${operator}${valueKey(b)})`;
  if (key.length > MAX_KEY || a.kind === 'unknown' || b.kind === 'unknown')
    return { kind: 'unknown' };
  return named(frame, key, { kind: 'comparison', operator, left: a, right: b });
}

/** `!value` */
export function not(frame: Frame, value: Value): Value {
  switch (value.kind) {
    case 'int':
      return { kind: 'int', value: value.value === 0 ? 1 : 0 };
    case 'address':
    case 'function':
    case 'text':
      return NULL;
    case 'unknown':
      return value;
    case 'ref': {
      const origin = frame.origins.get(value.id);
      if (origin?.kind === 'negation') return truthValue(frame, origin.operand);
      return named(frame, `!${valueKey(value)}`, { kind: 'negation', operand: value });
    }
  }
}

/** What is 0 or 1 already stands for itself. */
function truthValue(frame: Frame, value: Value): Value {
  const kind = frame.originOf(value)?.kind;
  return kind === 'comparison' || kind === 'negation'
    ? value
    : named(frame, `!!${valueKey(value)}`, { kind: 'negation', operand: not(frame, value) });
}

export function named(frame: Frame, key: string, origin: Origin): Value {
  if (!frame.origins.has(key)) frame.origins.set(key, origin);
  return ref(key);
}

/** True or false when the state decides the comparison, else null. */
function decide(
  frame: Frame,
  state: State,
  operator: Relation,
  left: Value,
  right: Value,
): boolean | null {
  if (left.kind === 'int' && right.kind === 'int')
    return relates(left.value, operator, right.value);
  const isEquality = operator === '==' || operator === '!=';
  if (left.kind !== 'unknown' && sameValue(left, right)) {
    return operator === '==' || operator === '<=' || operator === '>=';
  }
  const isApart = (): boolean =>
    areDistinct(frame, state, left, right) ||
    equalsOther(state, left, right) ||
    isLess(state, left, right) ||
    isLess(state, right, left);
  if (isEquality && isApart()) {
    return operator === '!=';
  }
  if (right.kind === 'int' && left.kind === 'ref') {
    let fact = state.factOf(left.id);
    if (left.interior && isEquality && right.value === 0) return operator === '!=';
    if (left.interior) return null;
    if (fact.low === fact.high) return relates(fact.low, operator, right.value);
    if (isEquality) {
      return excludes(fact, right.value) ? operator === '!=' : null;
    }
    fact = boundedByOthers(state, left.id, fact);
    if (operator === '<' || operator === '<=') {
      if (relates(fact.high, operator, right.value)) return true;
      if (!relates(fact.low, operator, right.value)) return false;
    } else {
      if (relates(fact.low, operator, right.value)) return true;
      if (!relates(fact.high, operator, right.value)) return false;
    }
    return null;
  }
  if (left.kind === 'int' && right.kind === 'ref') {
    return decide(frame, state, mirror(operator), right, left);
  }
  return null;
}

/** The path has tested `a < b`. */
function isLess(state: State, a: Value, b: Value): boolean {
  if (a.kind !== 'ref' || b.kind !== 'ref') return false;
  return state.facts.get(`(${valueKey(a)}<${valueKey(b)})`)?.not.includes(0) === true;
}

/** After `a <= b`, what is at most b is at most a, and so on. */
function boundedByOthers(state: State, id: Id, own: Fact): Fact {
  let { low, high } = own;
  for (const [test, truth] of state.facts) {
    const isTrue = truth.not.includes(0);
    if (!isTrue && (truth.low !== 0 || truth.high !== 0)) continue;
    if (test.startsWith(`(${id}<`)) {
      const other = state.facts.get(test.slice(id.length + 2, -1));
      if (other !== undefined && isTrue) high = Math.min(high, other.high - 1);
      else if (other !== undefined) low = Math.max(low, other.low);
    } else if (test.endsWith(`<${id})`)) {
      const other = state.facts.get(test.slice(1, -id.length - 2));
      if (other !== undefined && isTrue) low = Math.max(low, other.low + 1);
      else if (other !== undefined) high = Math.min(high, other.high);
    }
  }
  return { low, high, not: own.not };
}

function isNamedConstant(value: Value): boolean {
  return value.kind === 'ref' && /^'[A-Za-z_]\w*'$/.test(value.id);
}

/** A value that equals one named constant does not equal another: the labels of a switch differ. */
function equalsOther(state: State, a: Value, b: Value): boolean {
  const isConstant = isNamedConstant(a);
  if (isConstant && isNamedConstant(b)) return valueKey(a) !== valueKey(b);
  if (isConstant === isNamedConstant(b)) return false;
  const [constant, value] = isConstant ? [a, b] : [b, a];
  const suffix = `==${valueKey(value)})`;
  for (const [id, fact] of state.facts) {
    if (!id.startsWith("('") || !id.endsWith(suffix) || !fact.not.includes(0)) continue;
    if (id !== `(${valueKey(constant)}${suffix}`) return true;
  }
  return false;
}

/** Adds `value is true` (or false) to the state; false: the path is not feasible. */
export function assumeTruth(frame: Frame, state: State, value: Value, truth: boolean): boolean {
  switch (value.kind) {
    case 'int':
      return (value.value !== 0) === truth;
    case 'address':
    case 'function':
    case 'text':
      return truth;
    case 'unknown':
      return true;
    case 'ref': {
      if (value.interior) return truth;
      const origin = frame.origins.get(value.id);
      if (origin?.kind === 'negation') return assumeTruth(frame, state, origin.operand, !truth);
      if (origin?.kind === 'comparison') {
        if (!assumeComparison(frame, state, origin, truth)) return false;
      }
      return state.assume(value.id, truth ? '!=' : '==', 0);
    }
  }
}

function assumeComparison(
  frame: Frame,
  state: State,
  test: Origin & { kind: 'comparison' },
  truth: boolean,
): boolean {
  const relation: Relation = truth ? test.operator : negate(test.operator);
  const decided = decide(frame, state, relation, test.left, test.right);
  if (decided !== null) return decided;
  const { left, right } = test;
  if (left.kind === 'ref' && right.kind === 'int' && !left.interior) {
    return assumeNumber(frame, state, left.id, relation, right.value);
  }
  if (right.kind === 'ref' && left.kind === 'int' && !right.interior) {
    return assumeNumber(frame, state, right.id, mirror(relation), left.value);
  }
  return true;
}

/** `(a == b) == 0` says something about a and b, too. */
function assumeNumber(
  frame: Frame,
  state: State,
  id: string,
  relation: Relation,
  constant: number,
): boolean {
  const origin = frame.origins.get(id);
  const isTest = origin?.kind === 'comparison' || origin?.kind === 'negation';
  if (isTest && (relation === '==' || relation === '!=') && (constant === 0 || constant === 1)) {
    const truth = (constant === 1) === (relation === '==');
    return assumeTruth(frame, state, ref(id), truth);
  }
  return state.assume(id, relation, constant);
}

/** The value of an arithmetic operation. */
export function combine(
  frame: Frame,
  state: State,
  operator: string,
  left: Value,
  right: Value,
  at: string,
): Value {
  if (operator === '+' || operator === '-') {
    const block = pointerOf(frame, left) ?? (operator === '+' ? pointerOf(frame, right) : null);
    const other = pointerOf(frame, left) === null ? left : right;
    if (block !== null && pointerOf(frame, other) === null) {
      if (other.kind === 'int' && other.value === 0) return block;
      if (block.kind !== 'ref') return { kind: 'unknown' };
      const isAfter = !block.interior || block.inside;
      const inside = isAfter && operator === '+' && isPositive(state, other);
      return interiorRef(block.id, { inside });
    }
  }
  const sum = sumOf(frame, operator, left, right);
  if (sum !== null) return sum;
  if (operator === '*' && [left, right].some((v) => isZero(state, v))) return NULL;
  if (left.kind === 'unknown' || right.kind === 'unknown') return { kind: 'unknown' };
  const key = `(${valueKey(left)}${operator}${valueKey(right)})`;
  // Counting up in a loop would make ever longer names.
  if (key.length > MAX_KEY || key.split('(').length > MAX_OPERATIONS) {
    return frame.fresh(state, `value${at}`, { kind: 'opaque', slot: null });
  }
  return named(frame, key, { kind: 'arithmetic', operator, left, right });
}

/**
 * Of two numbers. In a loop that counts each round would be a state of its own, so there it is `-n` alone; less than
 * 0 may be a large number without a sign.
 */
function sumOf(frame: Frame, operator: string, left: Value, right: Value): Value | null {
  if (left.kind !== 'int' || right.kind !== 'int') return null;
  if (operator !== '+' && operator !== '-') return null;
  const value = operator === '+' ? left.value + right.value : left.value - right.value;
  const isNegation = operator === '-' && left.value === 0;
  return isNegation || (!frame.isRepeated && value >= 0) ? { kind: 'int', value } : null;
}

/** The value of `p += n` and `p++`: not NULL, and the same name in each round of a loop. */
export function movePointer(
  frame: Frame,
  state: State,
  operator: string,
  pointer: Value,
  amount: Value,
  at: string,
): Value {
  const moved = combine(frame, state, operator, pointer, amount, at);
  const isAnywhere = moved.kind === 'unknown' || frame.originOf(pointer)?.kind === 'opaque';
  const value = isAnywhere
    ? frame.fresh(state, `value${at}`, { kind: 'opaque', slot: null })
    : moved;
  if (value.kind === 'ref' && !value.interior) state.assume(value.id, '!=', 0);
  return value;
}

/** A constant that is added to a pointer is taken for more than 0 where only its name is known. */
function isPositive(state: State, value: Value): boolean {
  if (value.kind === 'int') return value.value > 0;
  return value.kind === 'ref' && (value.id.startsWith("'") || state.factOf(value.id).low > 0);
}

/** Known to be 0 or NULL. */
export function isZero(state: State, value: Value): boolean {
  if (value.kind === 'int') return value.value === 0;
  if (value.kind !== 'ref' || value.interior) return false;
  const { low, high } = state.factOf(value.id);
  return low === 0 && high === 0;
}

function pointerOf(frame: Frame, value: Value): Value | null {
  if (value.kind === 'address') return value;
  if (value.kind !== 'ref') return null;
  if (value.interior) return value;
  const origin = frame.origins.get(value.id);
  switch (origin?.kind) {
    case 'allocation':
    case 'failure':
    case 'borrowed':
      return value;
    default:
      return null;
  }
}
