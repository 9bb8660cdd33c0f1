// What `explain` shows of the stages before and after the control-flow graph, as plain text.
import type { Finding } from '../finding.ts';
import type { FlowEvent, Subject } from '../flow/events.ts';
import type { Outcome, Summary, SummaryStep, SummaryValue, When } from '../flow/summary.ts';
import type { AccessPath, Origin } from '../flow/value.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import { factText, placeText } from './known-value.ts';
import { pathText } from './place-text.ts';

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

/** `names` are those of the parameters. */
export function printSummary({ name, outcomes }: Summary, names: readonly string[]): string {
  if (outcomes.length === 0) return `${name}: does not come back`;
  return [
    name,
    ...outcomes.flatMap((o, i) => [`  outcome ${i + 1}`, ...printOutcome(o, names)]),
  ].join('\n');
}

function printOutcome(outcome: Outcome, names: readonly string[]): string[] {
  const show = (path: AccessPath): string => pathText(path, names);
  const holds = ({ path, fact }: When[number]): string => `${show(path)} ${factText(fact)}`;
  const lines = [
    ...[...outcome.compiledIf].map(([text, fact]) => `if ${text} ${factText(fact)}`),
    ...outcome.when.map((one) => `when ${holds(one)}`),
    ...outcome.anyOf.map(
      (when, i) => `${i === 0 ? 'when' : '  or'} ${when.map(holds).join(' and ')}`,
    ),
    ...outcome.steps.map((step) => printStep(step, show)),
    ...outcome.assigns.map(({ path, value }) => `${show(path)} := ${printValue(value, show)}`),
    ...outcome.escapes.map((path) => `${show(path)} escapes`),
    ...outcome.clobbers.map((path) => `changes what is below ${show(path)}`),
    ...(outcome.clobbersGlobals ? ['changes globals'] : []),
    `returns ${printValue(outcome.returns, show)}`,
  ];
  return lines.map((line) => `    ${line}`);
}

type ShowPath = (path: AccessPath) => string;

function printStep(step: SummaryStep, show: ShowPath): string {
  switch (step.kind) {
    case 'alloc':
      return `fresh ${step.index} from ${step.row.name} ${factText(step.fact)}`;
    case 'free':
      return `${step.certainty === 'always' ? '' : 'may '}release ${show(step.path)} by ${step.row.name}`;
    case 'realloc':
      return `resize ${show(step.path)} by ${step.row.name} into ${step.index === null ? 'null' : `fresh ${step.index}`}`;
    case 'drop':
      return `${step.certainty === 'always' ? '' : 'may '}drop a reference to ${show(step.path)}`;
    default:
      return unknownKind(step);
  }
}

function printValue(value: SummaryValue, show: ShowPath): string {
  switch (value.kind) {
    case 'unknown':
      return 'anything';
    case 'int':
      return String(value.value);
    case 'function':
      return `function ${value.name}`;
    case 'named':
      return value.id;
    case 'path':
      return `${value.interior ? 'a pointer into ' : ''}${show(value.path)}`;
    case 'stack':
      return 'memory of the stack frame';
    case 'fresh':
      return `fresh ${value.index}`;
    case 'failure':
      return `null from ${value.row.name}`;
    case 'lent':
      return `${value.as} from ${value.row.name}`;
    case 'input':
      return `a number from ${value.row.name}`;
    case 'number':
      return `a number ${factText(value.fact)}`;
    default:
      return unknownKind(value);
  }
}

export function printEvent(event: FlowEvent): string {
  const compiled = [...event.compiledIf].map(([text, fact]) => ` [${text} ${factText(fact)}]`);
  return `${placeText(event.at)}: ${eventText(event)}${compiled.join('')}`;
}

function eventText(event: FlowEvent): string {
  switch (event.kind) {
    case 'release': {
      const { api, pointer } = event.release;
      return `release by ${api}(${pointer}): ${printSubject(event.subject)}`;
    }
    case 'use':
      return `${event.how} ${event.pointer}: ${printSubject(event.subject)}`;
    case 'detached-call':
      return `${event.call.row.name} while detached by ${event.detached.api}`;
    case 'vain-release':
      return `release by ${event.release.api}(${event.release.pointer}): NULL`;
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
  const freed = freedBy === null ? '' : `, released at ${placeText(freedBy.at)}`;
  return `${interior ? 'inside ' : ''}${printOrigin(origin)}${freed}`;
}

function printOrigin(origin: Origin | null): string {
  if (origin === null) return 'unknown';
  switch (origin.kind) {
    case 'initial':
      return `entry value of ${pathText(origin.path, [])}${slotText(origin.slot)}`;
    case 'allocation':
      return `block of ${origin.allocation.api} at ${placeText(origin.allocation.at)}`;
    case 'borrowed':
    case 'reference':
      return `${origin.kind} from ${origin.row.name} at ${placeText(origin.at)}`;
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
  const lines = [`${placeText(at)}: ${message} [${rule}, ${confidence}]`];
  for (const note of path) lines.push(`  ${placeText(note.at)}: ${note.kind}: ${note.message}`);
  lines.push('  replayed as:');
  for (const [i, step] of flaggedPath.steps.entries()) {
    const { kind, at: where, text } = step;
    const block = 'block' in step ? ` ${step.block}` : '';
    const mark = i === flaggedPath.fault ? '>' : ' ';
    lines.push(`  ${mark} ${i} ${kind}${block} ${placeText(where)}: ${text}`);
  }
  return lines.join('\n');
}

function unknownKind(value: never): never {
  throw new Error(`a kind that is not printed: ${JSON.stringify(value)}`);
}
