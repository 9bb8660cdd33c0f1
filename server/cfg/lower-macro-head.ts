// Macros that are the head of a statement: `FOREACH(item, list) { … }` runs what follows it in a loop, in which
// `break` and `continue` mean that loop.
import { apiRow } from '../knowledge/row.ts';
import { child, type SyntaxNode } from '../syntax/node.ts';
import {
  add,
  type Expansion,
  type HeadedBody,
  type Lowering,
  opaque,
  shortText,
  spanOf,
  textOf,
  writtenAt,
} from './context.ts';
import type { Argument } from './instruction.ts';
import { lowerArgument } from './lower-call.ts';
import { contextOf, enterExpansion, expansionOf, wholeExpansionOf } from './lower-macro.ts';
import { addressOf } from './lower-method.ts';

/** A loop by its name, where the macro is out of view. */
const LOOP_NAME = /for_?each/i;

/** The call that stands before a statement without a semicolon; null: it is a statement by itself. */
export function headCall(lowering: Lowering, node: SyntaxNode): SyntaxNode | null {
  const call = bareCall(node);
  // A semicolon may have been put there for the parser.
  return call === null || writtenAt(lowering, node.end - 1) === ';' ? null : call;
}

/** A statement that is a call by name; null: anything else. */
function bareCall(node: SyntaxNode): SyntaxNode | null {
  if (node.type !== 'expression_statement') return null;
  const [call, ...others] = node.children.filter((c) => c.type !== 'comment');
  const isCall = call?.type === 'call_expression' && others.length === 0;
  return isCall && child(call, 'function')?.type === 'identifier' ? call : null;
}

/** Whether a `break` or `continue` inside it belongs to no loop and no `switch` inside it. */
export function hasOwnJump(node: SyntaxNode, isInSwitch = false): boolean {
  if (/^(?:for|while|do)_statement$|^for_range_loop$/.test(node.type)) return false;
  const isSwitch = isInSwitch || node.type === 'switch_statement';
  return node.children.some(
    (c) =>
      c.type === 'continue_statement' ||
      (c.type === 'break_statement' && !isSwitch) ||
      hasOwnJump(c, isSwitch),
  );
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
export function lowerMacroHead(lowering: Lowering, call: SyntaxNode, body: HeadedBody): boolean {
  const first = expansionOf(lowering, call);
  if (first === undefined) {
    const isHead = isUnknownHead(lowering, call, body);
    if (isHead) lowerUnknownHead(lowering, call, body);
    return isHead;
  }
  const isOpen = first !== null && openEnd(first)?.children.length === 0;
  const expansion = isOpen ? first : wholeExpansionOf(lowering, call);
  const end = expansion === null ? null : openEnd(expansion);
  if (expansion === null || end === null) return false;
  const inner = bareCall(end);
  const outer = enterExpansion(
    lowering,
    call,
    textOf(lowering, child(call, 'function')!),
    expansion,
  );
  const isHead = inner === null || isUnknownHead(lowering, inner, body);
  if (isHead) {
    const lower = (): void => {
      const within = contextOf(lowering);
      Object.assign(lowering, outer);
      body.lower();
      Object.assign(lowering, within);
    };
    lowering.openBody = { jumps: body.jumps, lower };
    lowering.statements(expansion.statements);
  }
  Object.assign(lowering, outer);
  return isHead;
}

/** Where the statement after the macro goes: the end of a head without a body; false: anything else. */
export function lowerOpenEnd(lowering: Lowering, node: SyntaxNode): boolean {
  const { openBody, text } = lowering;
  if (openBody === null || !isOpenEnd(node, text)) return false;
  const call = bareCall(node);
  if (call === null) openBody.lower();
  else lowerUnknownHead(lowering, call, openBody);
  return true;
}

/** The end of a head without a body: nothing, or a macro out of view; null: it is no head. */
function openEnd({ statements, text }: Expansion): SyntaxNode | null {
  let last = statements.at(-1);
  while (last !== undefined && /^(?:for|while|if)_statement$|^else_clause$/.test(last.type)) {
    last =
      child(last, 'alternative') ??
      child(last, 'body') ??
      child(last, 'consequence') ??
      last.children.at(-1);
  }
  return last !== undefined && isOpenEnd(last, text) ? last : null;
}

function isOpenEnd(node: SyntaxNode, text: string): boolean {
  if (node.type !== 'expression_statement' || node.end !== text.length - 1) return false;
  return node.children.length === 0 || bareCall(node) !== null;
}

/** Of a macro out of view: by its name, or by what stands behind it. */
function isUnknownHead(lowering: Lowering, call: SyntaxNode, { jumps }: HeadedBody): boolean {
  const name = textOf(lowering, child(call, 'function')!);
  if (LOOP_NAME.test(name)) return true;
  const isFunction = lowering.unit.declarations.functions.has(name) || apiRow(name) !== undefined;
  return jumps && !isFunction;
}

function lowerUnknownHead(lowering: Lowering, call: SyntaxNode, body: HeadedBody): void {
  if (LOOP_NAME.test(textOf(lowering, child(call, 'function')!)))
    lowerUnknownLoop(lowering, call, body);
  else lowerUnknownBody(lowering, call, body);
}

/**
 * Incomplete: it may be a loop, a condition or a block that runs once, so one round is followed; what jumps may
 * mean the loop around it.
 */
function lowerUnknownBody(lowering: Lowering, call: SyntaxNode, body: HeadedBody): void {
  const { build, jumps, scopes } = lowering;
  lowering.value(call);
  const target = build.newBlock();
  const isAround = jumps.length > 0;
  jumps.push({ breakTo: target, continueTo: target, depth: scopes.depth, cases: null });
  body.lower();
  jumps.pop();
  const after = isAround ? build.newBlock() : target;
  build.goto(after);
  if (isAround) {
    build.start(target);
    build.end({ kind: 'stop' });
  }
  build.start(after);
}

/** What a round begins with may change whatever the macro is given. */
function lowerUnknownLoop(lowering: Lowering, call: SyntaxNode, body: HeadedBody): void {
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
  body.lower();
  lowering.jumps.pop();
  build.goto(test);
  build.start(after);
}
