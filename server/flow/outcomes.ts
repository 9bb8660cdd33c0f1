// The ways to go of one function, side by side: which of them a caller cannot tell apart, what that makes
// uncertain, and what two have in common.
import { ANYTHING, conjunction, type Fact, isNoFact, joinFacts, sameFact } from './fact.ts';
import { isSameCall } from './heap-call.ts';
import {
  changed,
  type Inquiry,
  NOT_NULL,
  type Outcome,
  type SummaryValue,
  valueText,
  type When,
} from './summary.ts';
import { type AccessPath, pathKey } from './value.ts';

/**
 * A result that is not known is not the constant that the ways without a block return: `return -1` is for
 * callers that got nothing.
 */
export function toldApart(outcomes: readonly Outcome[]): readonly Outcome[] {
  const failures = outcomes.flatMap((o) =>
    !gives(o) && o.returns.kind === 'int' ? [o.returns.value] : [],
  );
  if (failures.length === 0) return outcomes;
  const low = failures.some((value) => value < 0) ? 0 : -Infinity;
  const fact: Fact = { low, high: Infinity, not: failures.includes(0) ? [0] : [] };
  return outcomes.map((o) => {
    const { kind } = o.returns;
    // What was passed in is returned: it is taken to be no failure.
    if (gives(o) && o.returns.kind === 'path' && o.returns.path.root.kind === 'argument') {
      return changed(o, { when: [...o.when, { path: o.returns.path, fact }] });
    }
    if (!gives(o) || (kind !== 'unknown' && kind !== 'number')) return o;
    const known = factOfReturn(o.returns);
    // Where it is known to be another kind of failure, it is still not one of these.
    const both = conjunction(known, fact) ?? conjunction(known, { ...ANYTHING, not: failures });
    return both === null ? o : changed(o, { returns: { kind: 'number', fact: both } });
  });
}

/**
 * Where a block is handed out by an argument, and the result says in no way that the caller knows of whether
 * there is one (a struct, a pointer that is looked into), perhaps there is none.
 */
export function perhapsNone(outcomes: readonly Outcome[]): readonly Outcome[] {
  const isUnsure = outcomes.some((o) => !gives(o) && o.returns.kind === 'unknown');
  if (!isUnsure) return outcomes;
  return outcomes.map((o) => {
    if (!gives(o) || o.returns.kind !== 'unknown') return o;
    const steps = o.steps.map((s) => (s.kind === 'alloc' ? { ...s, isShared: true } : s));
    return changed(o, { steps });
  });
}

/** Whether the caller gets a block through an argument. */
function gives({ assigns }: Outcome): boolean {
  return assigns.some(({ value }) => value.kind === 'fresh');
}

/** A release is certain when every way to go that the caller cannot tell apart releases as well. */
export function withCertainty(outcome: Outcome, all: readonly Outcome[]): Outcome {
  const steps = outcome.steps.map((step) => {
    if (step.kind !== 'free' && step.kind !== 'drop') return step;
    const key = pathKey(step.path);
    const alike = all.filter((other) => canLookAlike(outcome, other));
    const others = alike.map((other) =>
      other.steps.find((t) => t.kind !== 'alloc' && pathKey(t.path) === key),
    );
    if (step.kind === 'drop') {
      return others.includes(undefined) ? { ...step, certainty: 'sometimes' as const } : step;
    }
    if (others.some((t) => t?.kind === 'free' && t.row.family !== step.row.family)) {
      return { ...step, certainty: 'ambiguous' as const };
    }
    return others.includes(undefined) ? { ...step, certainty: 'sometimes' as const } : step;
  });
  return changed(outcome, {
    steps,
    escapes: [...outcome.escapes, ...releasedElsewhere(outcome, all)],
  });
}

/** What is released when the call goes another way, which the caller cannot tell from this one. */
function releasedElsewhere(outcome: Outcome, all: readonly Outcome[]): AccessPath[] {
  const released = new Set(
    outcome.steps.flatMap((step) => (step.kind === 'alloc' ? [] : [pathKey(step.path)])),
  );
  return all
    .filter((other) => other !== outcome && canLookAlike(withoutContents(outcome), other))
    .flatMap((other) => other.steps)
    .flatMap((step) => {
      if (step.kind !== 'free' || released.has(pathKey(step.path))) return [];
      released.add(pathKey(step.path));
      return [step.path];
    });
}

/** What is in a block may decide whether it is released, and is seldom known to the caller. */
function withoutContents(outcome: Outcome): Outcome {
  return changed(outcome, { when: outcome.when.filter(({ path }) => path.steps.length === 0) });
}

function canLookAlike(a: Outcome, b: Outcome): boolean {
  const apart = a.when.some(({ path, fact }) => {
    const other = b.when.find((w) => pathKey(w.path) === pathKey(path));
    return other !== undefined && conjunction(fact, other.fact) === null;
  });
  if (apart) return false;
  const differs = a.tests.some((test) =>
    b.tests.some(
      (other) =>
        pathKey(test.path) === pathKey(other.path) &&
        (test.constant === other.constant) !== (test.equal === other.equal) &&
        (test.equal || other.equal),
    ),
  );
  if (differs) return false;
  const opposes = a.relations.some((relation) =>
    b.relations.some((other) => areSamePaths(relation, other) && relation.equal !== other.equal),
  );
  if (opposes) return false;
  for (const [id, fact] of a.compiledIf) {
    const other = b.compiledIf.get(id);
    if (other !== undefined && conjunction(fact, other) === null) return false;
  }
  if (a.returns.kind === 'named' && b.returns.kind === 'named') {
    return a.returns.id === b.returns.id;
  }
  return conjunction(factOfReturn(a.returns), factOfReturn(b.returns)) !== null;
}

function areSamePaths(a: Outcome['relations'][number], b: Outcome['relations'][number]): boolean {
  return pathKey(a.left) === pathKey(b.left) && pathKey(a.right) === pathKey(b.right);
}

function areSameInquiries(a: Inquiry, b: Inquiry): boolean {
  return a.api === b.api && a.isTrue === b.isTrue && a.of.join() === b.of.join();
}

function factOfReturn(value: SummaryValue): Fact {
  switch (value.kind) {
    case 'int':
      return { low: value.value, high: value.value, not: [] };
    case 'failure':
      return { low: 0, high: 0, not: [] };
    case 'number':
    case 'lent':
      return value.fact;
    case 'fresh':
    case 'function':
      return NOT_NULL;
    case 'named':
    case 'path':
    case 'input':
    case 'unknown':
      return ANYTHING;
    case 'stack':
      return NOT_NULL;
  }
}

/** What both do to the same blocks, whatever else they leave behind: that is not known afterwards. */
export function joinCoarsely(a: Outcome, b: Outcome): Outcome {
  const theirs = new Map(b.assigns.map((assign) => [pathKey(assign.path), assign]));
  const maybe: AccessPath[] = [];
  const assigns = a.assigns.map((assign) => {
    const other = theirs.get(pathKey(assign.path));
    theirs.delete(pathKey(assign.path));
    if (other === undefined) maybe.push(assign.path);
    return other !== undefined && valueText(assign.value) === valueText(other.value)
      ? assign
      : { path: assign.path, value: { kind: 'unknown' } as const };
  });
  for (const { path } of theirs.values()) {
    maybe.push(path);
    assigns.push({ path, value: { kind: 'unknown' } });
  }
  const clobbers = new Map([...a.clobbers, ...b.clobbers].map((path) => [pathKey(path), path]));
  const escapes = new Map([...a.escapes, ...maybe].map((path) => [pathKey(path), path]));
  const joined = joinOutcomes(changed(a, { assigns, escapes: [...escapes.values()] }), b);
  return changed(joined, {
    clobbers: [...clobbers.values()],
    clobbersGlobals: a.clobbersGlobals || b.clobbersGlobals,
    returns: joinReturns(a.returns, b.returns),
  });
}

function joinReturns(a: SummaryValue, b: SummaryValue): SummaryValue {
  if (valueText(a) === valueText(b)) return a;
  const fact = joinFacts(factOfReturn(a), factOfReturn(b));
  return isNoFact(fact) ? { kind: 'unknown' } : { kind: 'number', fact };
}

export function joinOutcomes(a: Outcome, b: Outcome): Outcome {
  const when = a.when.flatMap(({ path, fact }) => {
    const other = b.when.find((w) => pathKey(w.path) === pathKey(path));
    if (other === undefined) return [];
    const joined = joinFacts(fact, other.fact);
    return isNoFact(joined) ? [] : [{ path, fact: joined }];
  });
  const compiledIf = new Map<string, Fact>();
  for (const [id, fact] of a.compiledIf) {
    const other = b.compiledIf.get(id);
    if (other !== undefined && sameFact(fact, other)) compiledIf.set(id, fact);
  }
  const tests = a.tests.filter((test) =>
    b.tests.some(
      (other) =>
        pathKey(test.path) === pathKey(other.path) &&
        test.constant === other.constant &&
        test.equal === other.equal,
    ),
  );
  const seen = new Set(a.escapes.map(pathKey));
  const escapes = [...a.escapes, ...b.escapes.filter((path) => !seen.has(pathKey(path)))];
  const steps = a.steps.map((step, i) => {
    const other = b.steps[i];
    const isShared = step.kind === 'alloc' && other?.kind === 'alloc' && other.isShared;
    return isShared ? { ...step, isShared } : step;
  });
  const relations = a.relations.filter((relation) =>
    b.relations.some((other) => areSamePaths(relation, other) && relation.equal === other.equal),
  );
  const heapCalls = a.heapCalls.filter((call) => b.heapCalls.some((c) => isSameCall(call, c)));
  const inquiries = a.inquiries.filter((inquiry) =>
    b.inquiries.some((other) => areSameInquiries(inquiry, other)),
  );
  const anyOf = eitherWay(a, b);
  return changed(a, {
    when,
    anyOf,
    tests,
    relations,
    inquiries,
    compiledIf,
    steps,
    escapes,
    heapCalls,
  });
}

/** Of an outcome; beyond, it is not told when it comes. */
const MAX_WAYS = 6;

/** What holds for one of two outcomes or the other, each by itself. */
function eitherWay(a: Outcome, b: Outcome): readonly When[] {
  const ways = new Map(
    [a, b]
      .flatMap(({ when, anyOf }) => (anyOf.length > 0 ? anyOf : [when]))
      .map((way) => [whenText(way), way]),
  );
  return ways.has('') || ways.size === 1 || ways.size > MAX_WAYS ? [] : [...ways.values()];
}

function whenText(when: When): string {
  return when
    .map(({ path, fact }) => `${pathKey(path)} ${fact.low} ${fact.high} ${fact.not.join()}`)
    .toSorted()
    .join();
}
