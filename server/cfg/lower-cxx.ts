// Lowers the expressions and statements that only C++ has. Exceptions are not followed: a handler is taken
// for code that never runs, and `throw` for the end of the path. Destructors of locals are not run: who
// gives a pointer to an object gives it away.
import { operatorRow } from '../knowledge/row.ts';
import { child, type SyntaxNode, walk } from '../syntax/node.ts';
import {
  add,
  bare,
  type Lowering,
  opaque,
  shortText,
  spanOf,
  structOf,
  textOf,
} from './context.ts';
import { declaratorName } from './declarations.ts';
import type { Argument, Place, Temp } from './instruction.ts';
import { giveAway } from './give-away.ts';
import { inScope } from './leave-scope.ts';
import { lowerArgument } from './lower-call.ts';
import { classNamed, hasOwnNew } from './lower-method.ts';
import { address } from './lower-place.ts';

/** null: not an expression of C++ alone. */
export function lowerCxxValue(lowering: Lowering, node: SyntaxNode, boundTo: string): Temp | null {
  switch (node.type) {
    case 'new_expression':
      return lowerNew(lowering, node, boundTo);
    case 'delete_expression':
      return lowerDelete(lowering, node);
    case 'lambda_expression':
      return lowerLambda(lowering, node);
    default:
      return null;
  }
}

function lowerNew(lowering: Lowering, node: SyntaxNode, boundTo: string): Temp {
  const placement = child(node, 'placement');
  const isNothrow = placement !== undefined && /\bnothrow\b/.test(textOf(lowering, placement));
  for (const part of [placement, child(node, 'declarator'), child(node, 'arguments')]) {
    if (part !== undefined && !(part === placement && isNothrow)) giveAway(lowering, part);
  }
  const isOwn = hasOwnNew(lowering, classNamed(lowering, child(node, 'type')));
  if (isOwn || (placement !== undefined && !isNothrow)) return opaque(lowering, node, null);
  const isArray = child(node, 'declarator') !== undefined;
  const name = `new${isArray ? '[]' : ''}${isNothrow ? '(std::nothrow)' : ''}`;
  return callOperator(lowering, node, { name, arguments: [], boundTo });
}

function lowerDelete(lowering: Lowering, node: SyntaxNode): Temp {
  const operand = node.children.find((c) => c.type !== 'comment');
  if (operand === undefined) return opaque(lowering, node, null);
  const struct = structOf(lowering, bare(operand));
  const argument = lowerArgument(lowering, operand);
  const isArray = /^(?:::)?\s*delete\s*\[/.test(textOf(lowering, node));
  const isOwn = hasOwnNew(lowering, struct);
  // The destructor may change whatever the object reaches.
  if (isOwn || struct !== null) callUnknown(lowering, node, [argument]);
  if (isOwn) return opaque(lowering, node, null);
  const name = isArray ? 'delete[]' : 'delete';
  return callOperator(lowering, node, { name, arguments: [argument], boundTo: '' });
}

function callOperator(
  lowering: Lowering,
  node: SyntaxNode,
  call: { name: string; arguments: readonly Argument[]; boundTo: string },
): Temp {
  if (operatorRow(call.name) === undefined) return opaque(lowering, node, null);
  const to = lowering.build.newTemp();
  add(lowering, node, {
    op: 'call',
    to,
    callee: { kind: 'operator', name: call.name },
    arguments: call.arguments,
    through: lowering.through,
    calleeSpan: null,
    boundTo: call.boundTo,
  });
  return to;
}

function callUnknown(lowering: Lowering, node: SyntaxNode, args: readonly Argument[]): void {
  add(lowering, node, {
    op: 'call',
    to: lowering.build.newTemp(),
    callee: { kind: 'value', value: opaque(lowering, node, null) },
    arguments: args,
    through: lowering.through,
    calleeSpan: null,
    boundTo: '',
  });
}

/** A lambda may read and change every local that it mentions, whenever it is called. */
function lowerLambda(lowering: Lowering, node: SyntaxNode): Temp {
  const args = new Map<string, Argument>();
  walk(node, (inner) => {
    if (inner.type !== 'identifier') return undefined;
    const name = textOf(lowering, inner);
    const local = lowering.scopes.lookup(name);
    if (local === undefined || local.isStatic || args.has(name)) return undefined;
    const place: Place = { kind: 'local', name: local.name };
    const value = address(lowering, node, place);
    args.set(name, { value, text: `&${name}`, place: null });
    return undefined;
  });
  callUnknown(lowering, node, [...args.values()]);
  return opaque(lowering, node, null);
}

/** false: not a statement of C++ alone. */
export function lowerCxxStatement(lowering: Lowering, node: SyntaxNode): boolean {
  switch (node.type) {
    case 'class_specifier':
    case 'template_declaration':
    case 'using_declaration':
    case 'alias_declaration':
    case 'namespace_alias_definition':
    case 'concept_definition':
      return true;
    case 'condition_clause':
    case 'init_statement':
      for (const part of node.children) lowering.statement(part);
      return true;
    case 'try_statement': {
      const body = child(node, 'body');
      if (body !== undefined) lowering.statement(body);
      return true;
    }
    case 'throw_statement':
    case 'co_return_statement': {
      for (const value of node.children) if (value.type !== 'comment') lowering.value(value);
      lowering.build.end({ kind: 'stop' });
      lowering.build.start(lowering.build.newBlock());
      return true;
    }
    case 'for_range_loop':
      inScope(lowering, node, () => lowerRangeLoop(lowering, node));
      return true;
    default:
      return false;
  }
}

function lowerRangeLoop(lowering: Lowering, node: SyntaxNode): void {
  const { build, scopes } = lowering;
  const range = child(node, 'right');
  const body = child(node, 'body');
  const declarator = child(node, 'declarator');
  const test = build.newBlock();
  const start = build.newBlock();
  const after = build.newBlock();
  const initializer = child(node, 'initializer');
  if (initializer !== undefined) lowering.statement(initializer);
  if (range !== undefined) lowering.value(range);
  build.flowInto(test);
  const more = opaque(lowering, node, null);
  build.branch(more, start, after, {
    at: spanOf(lowering, node),
    text: range === undefined ? '' : `another element of ${shortText(lowering, range)}`,
    preprocessor: false,
  });
  build.start(start);
  const name = declaratorName(declarator, lowering.text);
  if (name !== null) {
    const local = scopes.declare(name, {
      isArray: false,
      isPointer: false,
      isStatic: false,
      isReference: false,
      cleanup: null,
      struct: classNamed(lowering, child(node, 'type')),
    });
    const value = opaque(lowering, node, null);
    const to: Place = { kind: 'local', name: local.name };
    add(lowering, node, { op: 'declare', local: local.name, array: false });
    add(lowering, node, { op: 'store', to, value, text: name });
  }
  lowering.jumps.push({
    breakTo: after,
    continueTo: test,
    depth: lowering.scopes.depth,
    cases: null,
  });
  if (body !== undefined) lowering.statement(body);
  lowering.jumps.pop();
  build.goto(test);
  build.start(after);
}

/** The body of a constructor begins with its initializers. */
export function lowerFieldInitializers(lowering: Lowering, list: SyntaxNode): void {
  for (const item of list.children) {
    if (item.type !== 'field_initializer') continue;
    const [field, given] = item.children.filter((c) => c.type !== 'comment');
    if (field === undefined || given === undefined) continue;
    const name = textOf(lowering, field);
    const place = lowering.member(field, name);
    const values = given.children.filter((c) => c.type !== 'comment');
    const [only] = values;
    // A member that is an object keeps what it is made of.
    if (place === null || values.length !== 1 || only === undefined) giveAway(lowering, given);
    else {
      const value = lowering.value(only, name);
      add(lowering, item, { op: 'store', to: place, value, text: name });
    }
  }
}
