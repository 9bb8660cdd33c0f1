// Macros that are the head of a statement: `FOREACH(item, list) { … }` runs what follows it in a loop, in which
// `break` and `continue` mean that loop.
import { child, type SyntaxNode } from '../syntax/node.ts';
import {
  add,
  type Expansion,
  type Lowering,
  opaque,
  shortText,
  spanOf,
  textOf,
} from './context.ts';
import type { Argument } from './instruction.ts';
import { lowerArgument } from './lower-call.ts';
import { contextOf, enterExpansion, expansionOf } from './lower-macro.ts';
import { addressOf } from './lower-method.ts';

/** A loop by its name, where the macro is out of view. */
const LOOP_NAME = /for_?each/i;

/** The call that stands before a statement without a semicolon; null: it is a statement by itself. */
export function headCall(lowering: Lowering, node: SyntaxNode): SyntaxNode | null {
  const [call, ...others] = node.children.filter((c) => c.type !== 'comment');
  if (node.type !== 'expression_statement' || call === undefined || others.length > 0) return null;
  if (call.type !== 'call_expression' || child(call, 'function')?.type !== 'identifier')
    return null;
  // A semicolon may have been put there for the parser.
  const text = lowering.expandedAt === null ? lowering.unit.source.text : lowering.text;
  const start = lowering.expandedAt === null ? lowering.start : 0;
  return text[start + node.end - 1] === ';' ? null : call;
}

/** `NAME(item) { … }` looks like the definition of a function; null: it is something else. */
export function headedBlock(node: SyntaxNode): { call: SyntaxNode; body: SyntaxNode } | null {
  if (node.type !== 'function_definition') return null;
  const name = child(node, 'type');
  const list = child(node, 'declarator');
  const body = child(node, 'body');
  if (name?.type !== 'type_identifier' || list?.type !== 'parenthesized_declarator') return null;
  if (body === undefined || node.children.length > 3) return null;
  const callee: SyntaxNode = { ...name, type: 'identifier', field: 'function' };
  const given: SyntaxNode = { ...list, type: 'argument_list', field: 'arguments' };
  const call = { ...node, type: 'call_expression', end: list.end, children: [callee, given] };
  return { call, body };
}

/** false: the macro is no head; nothing is lowered. */
export function lowerMacroHead(
  lowering: Lowering,
  call: SyntaxNode,
  lowerBody: () => void,
): boolean {
  const name = textOf(lowering, child(call, 'function')!);
  const expansion = expansionOf(lowering, call);
  if (expansion === undefined) {
    if (!LOOP_NAME.test(name)) return false;
    lowerUnknownLoop(lowering, call, lowerBody);
    return true;
  }
  if (expansion === null || !isOpen(expansion)) return false;
  const outer = enterExpansion(lowering, call, name, expansion);
  lowering.openBody = () => {
    const inner = contextOf(lowering);
    Object.assign(lowering, outer);
    lowerBody();
    Object.assign(lowering, inner);
  };
  for (const statement of expansion.statements) lowering.statement(statement);
  Object.assign(lowering, outer);
  return true;
}

/** Whether the node is where the statement after the macro goes: the end of a head without a body. */
export function isOpenEnd(node: SyntaxNode, text: string): boolean {
  return (
    node.type === 'expression_statement' &&
    node.children.length === 0 &&
    node.end === text.length - 1
  );
}

function isOpen({ statements, text }: Expansion): boolean {
  let last = statements.at(-1);
  while (last !== undefined && /^(?:for|while|if)_statement$|^else_clause$/.test(last.type)) {
    last =
      child(last, 'alternative') ??
      child(last, 'body') ??
      child(last, 'consequence') ??
      last.children.at(-1);
    if (last !== undefined && isOpenEnd(last, text)) return true;
  }
  return false;
}

/** What a round begins with may change whatever the macro is given. */
function lowerUnknownLoop(lowering: Lowering, call: SyntaxNode, lowerBody: () => void): void {
  const { build } = lowering;
  const test = build.newBlock();
  const start = build.newBlock();
  const after = build.newBlock();
  build.flowInto(test);
  const given = child(call, 'arguments')?.children.filter((c) => c.type !== 'comment') ?? [];
  const args = given.map((node): Argument => {
    const address = node.type === 'identifier' ? addressOf(lowering, node) : null;
    if (address === null) return lowerArgument(lowering, node);
    return { value: address, text: `&${shortText(lowering, node)}`, place: null };
  });
  const more = build.newTemp();
  add(lowering, call, {
    op: 'call',
    to: more,
    callee: { kind: 'value', value: opaque(lowering, call, null) },
    arguments: args,
    through: lowering.through,
    calleeSpan: null,
    boundTo: '',
  });
  build.branch(more, start, after, {
    at: spanOf(lowering, call),
    text: shortText(lowering, call),
    preprocessor: false,
  });
  build.start(start);
  const { depth } = lowering.scopes;
  lowering.jumps.push({ breakTo: after, continueTo: test, depth, cases: null });
  lowerBody();
  lowering.jumps.pop();
  build.goto(test);
  build.start(after);
}
