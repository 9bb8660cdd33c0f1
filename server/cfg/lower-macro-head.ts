// Macros that are the head of a statement: `FOREACH(item, list) { … }` or `EACH_ROW { … }` runs what follows it in
// a loop, in which `break` and `continue` mean that loop.
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
import { lowerArgument, lowerBareCall } from './lower-call.ts';
import { contextOf, enterExpansion, expansionOf, wholeExpansionOf } from './lower-macro.ts';
import { addressOf } from './lower-method.ts';

/** A loop by its name, where the macro is out of view. */
const LOOP_NAME = /for_?each/i;
const LOOP_WITHOUT_ARGUMENTS = /for_?each|forever|(?<!end_?)loop$/i;

/** The call or name that stands before a statement without a semicolon; null: it is a statement by itself. */
export function headOf(lowering: Lowering, node: SyntaxNode): SyntaxNode | null {
  const head = bareHead(node);
  // A semicolon may have been put there for the parser.
  return head === null || writtenAt(lowering, node.end - 1) === ';' ? null : head;
}

/** A statement that is a name or a call by name; null: anything else. */
function bareHead(node: SyntaxNode): SyntaxNode | null {
  if (node.type !== 'expression_statement') return null;
  const [head, ...others] = node.children.filter((c) => c.type !== 'comment');
  if (head === undefined || others.length > 0) return null;
  if (head.type === 'identifier') return head;
  const isCall = head.type === 'call_expression' && child(head, 'function')?.type === 'identifier';
  return isCall ? head : null;
}

/** Of a call or a name alone. */
function nameOf(lowering: Lowering, head: SyntaxNode): string {
  return textOf(lowering, child(head, 'function') ?? head);
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
export function lowerMacroHead(lowering: Lowering, head: SyntaxNode, body: HeadedBody): boolean {
  const first = expansionOf(lowering, head);
  if (first === undefined) {
    const isHead = isUnknownHead(lowering, head, body);
    if (isHead) lowerUnknownHead(lowering, head, body);
    return isHead;
  }
  const isOpen = first !== null && openEnd(first)?.children.length === 0;
  const expansion = isOpen ? first : wholeExpansionOf(lowering, head);
  const end = expansion === null ? null : openEnd(expansion);
  if (expansion === null || end === null) return false;
  const inner = bareHead(end);
  const outer = enterExpansion(lowering, head, nameOf(lowering, head), expansion);
  const isHead = inner === null || isUnknownHead(lowering, inner, body);
  if (isHead) {
    const lower = (): void => {
      const within = contextOf(lowering);
      Object.assign(lowering, outer);
      body.lower();
      Object.assign(lowering, within);
    };
    lowering.openBody = { ...body, lower };
    lowering.statements(expansion.statements);
  }
  Object.assign(lowering, outer);
  return isHead;
}

/** Where the statement after the macro goes: the end of a head without a body; false: anything else. */
export function lowerOpenEnd(lowering: Lowering, node: SyntaxNode): boolean {
  const { openBody, text } = lowering;
  if (openBody === null || !isOpenEnd(node, text)) return false;
  const head = bareHead(node);
  if (head === null) openBody.lower();
  else lowerUnknownHead(lowering, head, openBody);
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
  return node.children.length === 0 || bareHead(node) !== null;
}

/** Of a macro out of view: by its name, or by what stands behind it. */
function isUnknownHead(lowering: Lowering, head: SyntaxNode, body: HeadedBody): boolean {
  const name = nameOf(lowering, head);
  if (isLoopName(head, name)) return body.isBlock || head.type !== 'identifier';
  const isFunction = lowering.unit.declarations.functions.has(name) || apiRow(name) !== undefined;
  const mayBe = head.type === 'identifier' ? body.isBlock && isMacroName(lowering, name) : true;
  return body.jumps && mayBe && !isFunction;
}

function isLoopName({ type }: SyntaxNode, name: string): boolean {
  return (type === 'identifier' ? LOOP_WITHOUT_ARGUMENTS : LOOP_NAME).test(name);
}

function isMacroName(lowering: Lowering, name: string): boolean {
  return /^[A-Z][A-Z0-9_]+$/.test(name) && lowering.scopes.lookup(name) === undefined;
}

function lowerUnknownHead(lowering: Lowering, head: SyntaxNode, body: HeadedBody): void {
  if (isLoopName(head, nameOf(lowering, head))) lowerUnknownLoop(lowering, head, body);
  else lowerUnknownBody(lowering, head, body);
}

/**
 * Incomplete: it may be a loop, a condition or a block that runs once, so one round is followed; what jumps may
 * mean the loop around it.
 */
function lowerUnknownBody(lowering: Lowering, head: SyntaxNode, body: HeadedBody): void {
  const { build, jumps, scopes } = lowering;
  if (head.type === 'identifier') lowerBareCall(lowering, head);
  else lowering.value(head);
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
function lowerUnknownLoop(lowering: Lowering, head: SyntaxNode, body: HeadedBody): void {
  const { build } = lowering;
  const test = build.newBlock();
  const start = build.newBlock();
  const after = build.newBlock();
  build.flowInto(test);
  const given = child(head, 'arguments')?.children.filter((c) => c.type !== 'comment') ?? [];
  const args = given.map((node): Argument => {
    const address = node.type === 'identifier' ? addressOf(lowering, node) : null;
    if (address === null) return lowerArgument(lowering, node);
    return { value: address, text: `&${shortText(lowering, node)}`, place: null };
  });
  const more = build.newTemp();
  add(lowering, head, {
    op: 'call',
    to: more,
    callee: { kind: 'value', value: opaque(lowering, head, null) },
    arguments: args,
    through: lowering.through,
    calleeSpan: null,
    boundTo: '',
  });
  build.branch(more, start, after, {
    at: spanOf(lowering, head),
    text: shortText(lowering, head),
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
