// What `explain` shows of the stages before and after the control-flow graph, as plain text.
import type { Span } from '../../simulator/flagged-path.ts';
import type { Finding } from '../finding.ts';
import type { FlowEvent, Subject } from '../flow/events.ts';
import { type Fact, isNoFact } from '../flow/fact.ts';
import type { Outcome, Summary, SummaryStep, SummaryValue } from '../flow/summary.ts';
import { type Origin, pathKey } from '../flow/value.ts';
import type { SyntaxNode } from '../syntax/node.ts';

export function printTree(root: SyntaxNode, text: string): string {
  const lines: string[] = [];
  const visit = (node: SyntaxNode, depth: number): void => {
    const field = node.field === '' ? '' : `${node.field}: `;
    const missing = node.missing ? ' (missing)' : '';
    const leaf =
      node.children.length === 0 ? ` ${JSON.stringify(text.slice(node.start, node.end))}` : '';
    lines.push(`${'  '.repeat(depth)}${field}${node.type}${missing}${leaf}`);
    for (const inner of node.children) visit(inner, depth + 1);
  };
  visit(root, 0);
  return lines.join('\n');
}

export function printSummary({ name, outcomes }: Summary): string {
  if (outcomes.length === 0) return `${name}: does not come back`;
  return [name, ...outcomes.flatMap((o, i) => [`  outcome ${i + 1}`, ...printOutcome(o)])].join(
    '\n',
  );
}

function printOutcome(outcome: Outcome): string[] {
  const lines = [
    ...[...outcome.compiledIf].map(([text, fact]) => `if ${text} ${printFact(fact)}`),
    ...outcome.when.map(({ path, fact }) => `when ${pathKey(path)} ${printFact(fact)}`),
    ...outcome.steps.map(printStep),
    ...outcome.assigns.map(({ path, value }) => `${pathKey(path)} := ${printValue(value)}`),
    ...outcome.clobbers.map((path) => `changes what is below ${pathKey(path)}`),
    ...(outcome.clobbersGlobals ? ['changes globals'] : []),
    `returns ${printValue(outcome.returns)}`,
  ];
  return lines.map((line) => `    ${line}`);
}

function printStep(step: SummaryStep): string {
  switch (step.kind) {
    case 'alloc':
      return `fresh ${step.index} from ${step.row.name} ${printFact(step.fact)}`;
    case 'free':
      return `${step.certainty === 'always' ? '' : 'may '}release ${pathKey(step.path)} by ${step.row.name}`;
    case 'realloc':
      return `resize ${pathKey(step.path)} by ${step.row.name} into ${step.index === null ? 'null' : `fresh ${step.index}`}`;
    case 'escape':
      return `${pathKey(step.path)} escapes`;
    default:
      return unknownKind(step);
  }
}

function printValue(value: SummaryValue): string {
  switch (value.kind) {
    case 'unknown':
      return 'anything';
    case 'int':
      return String(value.value);
    case 'function':
      return `function ${value.name}`;
    case 'path':
      return `${value.interior ? 'a pointer into ' : ''}${pathKey(value.path)}`;
    case 'fresh':
      return `fresh ${value.index}`;
    case 'lent':
      return `${value.as} from ${value.row.name}`;
    case 'number':
      return `a number ${printFact(value.fact)}`;
    default:
      return unknownKind(value);
  }
}

function printFact(fact: Fact): string {
  if (isNoFact(fact)) return 'of any value';
  const { low, high, not } = fact;
  if (low === high) return `== ${low}`;
  const parts = [
    ...(low === -Infinity ? [] : [`>= ${low}`]),
    ...(high === Infinity ? [] : [`<= ${high}`]),
    ...not.map((n) => `!= ${n}`),
  ];
  return parts.join(' ');
}

export function printEvent(event: FlowEvent): string {
  const compiled = [...event.compiledIf].map(([text, fact]) => ` [${text} ${printFact(fact)}]`);
  return `${place(event.at)}: ${eventText(event)}${compiled.join('')}`;
}

function eventText(event: FlowEvent): string {
  switch (event.kind) {
    case 'release': {
      const { api, pointer } = event.release;
      return `release by ${api}(${pointer}): ${printSubject(event.subject)}`;
    }
    case 'use':
      return `${event.how} ${event.pointer}: ${printSubject(event.subject)}`;
    case 'slot-write':
      return `write to ${event.slot}: ${printOrigin(event.origin)}`;
    default:
      return unknownEvent(event);
  }
}

/** Kinds that have no text of their own yet are shown by name. */
function unknownEvent(event: { readonly kind: string }): string {
  return event.kind;
}

function printSubject({ origin, interior, freedBy }: Subject): string {
  const freed = freedBy === null ? '' : `, released at ${place(freedBy.at)}`;
  return `${interior ? 'inside ' : ''}${printOrigin(origin)}${freed}`;
}

function printOrigin(origin: Origin | null): string {
  if (origin === null) return 'unknown';
  switch (origin.kind) {
    case 'initial':
      return `entry value of ${pathKey(origin.path)}${slotText(origin.slot)}`;
    case 'allocation':
      return `block of ${origin.allocation.api} at ${place(origin.allocation.at)}`;
    case 'borrowed':
    case 'reference':
      return `${origin.kind} from ${origin.row.name} at ${place(origin.at)}`;
    case 'opaque':
      return `opaque${slotText(origin.slot)}`;
    default:
      return origin.kind;
  }
}

function slotText(slot: string | null): string {
  return slot === null ? '' : ` in ${slot}`;
}

export function printFinding(finding: Finding): string {
  const { at, rule, confidence, message, path, flaggedPath } = finding;
  const lines = [`${place(at)}: ${message} [${rule}, ${confidence}]`];
  for (const note of path) lines.push(`  ${place(note.at)}: ${note.kind}: ${note.message}`);
  lines.push('  replayed as:');
  for (const [i, step] of flaggedPath.steps.entries()) {
    const { kind, at: where, text } = step;
    const block = 'block' in step ? ` ${step.block}` : '';
    const mark = i === flaggedPath.fault ? '>' : ' ';
    lines.push(`  ${mark} ${i} ${kind}${block} ${place(where)}: ${text}`);
  }
  return lines.join('\n');
}

function place({ file, line, column }: Span): string {
  return `${file}:${line}:${column}`;
}

function unknownKind(value: never): never {
  throw new Error(`a kind that is not printed: ${JSON.stringify(value)}`);
}
