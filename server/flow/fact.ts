// What is known of a named number or pointer: an interval and excluded values. Null is 0.
import type { Relation } from '../relation.ts';

export interface Fact {
  readonly low: number;
  readonly high: number;
  readonly not: readonly number[];
}

export const ANYTHING: Fact = { low: -Infinity, high: Infinity, not: [] };

export function negate(relation: Relation): Relation {
  switch (relation) {
    case '==':
      return '!=';
    case '!=':
      return '==';
    case '<':
      return '>=';
    case '<=':
      return '>';
    case '>':
      return '<=';
    case '>=':
      return '<';
  }
}

/** `a R b` as `b mirror(R) a`. */
export function mirror(relation: Relation): Relation {
  switch (relation) {
    case '<':
      return '>';
    case '<=':
      return '>=';
    case '>':
      return '<';
    case '>=':
      return '<=';
    case '==':
    case '!=':
      return relation;
  }
}

/** The fact with `value relation constant` added; null: it contradicts the fact. */
export function assumeFact(fact: Fact, relation: Relation, constant: number): Fact | null {
  let { low, high, not } = fact;
  switch (relation) {
    case '==':
      low = Math.max(low, constant);
      high = Math.min(high, constant);
      break;
    case '!=':
      if (!not.includes(constant)) not = [...not, constant];
      break;
    case '<':
      high = Math.min(high, constant - 1);
      break;
    case '<=':
      high = Math.min(high, constant);
      break;
    case '>':
      low = Math.max(low, constant + 1);
      break;
    case '>=':
      low = Math.max(low, constant);
  }
  return normalized({ low, high, not });
}

/** The value cannot be this number. */
export function excludes(fact: Fact, n: number): boolean {
  return fact.not.includes(n) || n < fact.low || n > fact.high;
}

/** Both facts together; null: they contradict. */
export function conjunction(a: Fact, b: Fact): Fact | null {
  return normalized({
    low: Math.max(a.low, b.low),
    high: Math.min(a.high, b.high),
    not: either(a.not, b.not),
  });
}

/** Without repetition. */
function either(a: readonly number[], b: readonly number[]): readonly number[] {
  if (b.length === 0 || a === b) return a;
  return a.length === 0 ? b : [...new Set([...a, ...b])];
}

/** What holds under either fact. */
export function joinFacts(a: Fact, b: Fact): Fact {
  return {
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    not: either(a.not, b.not).filter((n) => excludes(a, n) && excludes(b, n)),
  };
}

export function sameFact(a: Fact, b: Fact): boolean {
  return (
    a.low === b.low &&
    a.high === b.high &&
    a.not.length === b.not.length &&
    a.not.every((n) => b.not.includes(n))
  );
}

export function isNoFact(fact: Fact): boolean {
  return fact.low === -Infinity && fact.high === Infinity && fact.not.length === 0;
}

function normalized(fact: Fact): Fact | null {
  let { low, high } = fact;
  if (fact.not.length === 0) return low > high ? null : fact;
  while (fact.not.includes(low)) low++;
  while (fact.not.includes(high)) high--;
  if (low > high) return null;
  return { low, high, not: fact.not.filter((n) => n >= low && n <= high) };
}

/** Preprocessor conditions of two places can hold together. */
export function canMeet(a: ReadonlyMap<string, Fact>, b: ReadonlyMap<string, Fact>): boolean {
  for (const [id, fact] of a) {
    const other = b.get(id);
    if (other === undefined) continue;
    if (fact.low > other.high || other.low > fact.high) return false;
    if (other.low === other.high && fact.not.includes(other.low)) return false;
    if (fact.low === fact.high && other.not.includes(fact.low)) return false;
  }
  return true;
}
