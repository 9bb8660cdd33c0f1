// Lowers C expressions. Evaluation follows the order of the text; short circuits become branches.
import { apiRow } from '../knowledge/row.ts';
import { child, childrenOf, type SyntaxNode } from '../syntax/node.ts';
import {
  add,
  bare,
  constant,
  isArrayPlace,
  type Lowering,
  opaque,
  shortText,
  spanOf,
  structOf,
  textOf,
} from './context.ts';
import type { Argument, BlockIndex, Callee, Place, Temp } from './instruction.ts';
import { expandMacroCall, expandMacroName, inMacroPlace } from './lower-macro.ts';

export function lowerValue(lowering: Lowering, node: SyntaxNode, boundTo = ''): Temp {
  switch (node.type) {
    case 'parenthesized_expression':
      return lowerParenthesized(lowering, node, boundTo);
    case 'cast_expression': {
      const value = child(node, 'value');
      return value === undefined ? opaque(lowering, node, null) : lowering.value(value, boundTo);
    }
    case 'identifier':
      return lowerIdentifier(lowering, node);
    case 'number_literal':
    case 'char_literal':
      return lowerNumber(lowering, node);
    case 'null':
    case 'false':
      return constant(lowering, node, 0);
    case 'true':
      return constant(lowering, node, 1);
    case 'string_literal':
    case 'concatenated_string': {
      const to = lowering.build.newTemp();
      add(lowering, node, { op: 'literal', to, text: stringText(lowering, node) });
      return to;
    }
    case 'assignment_expression':
      return lowerAssignment(lowering, node);
    case 'update_expression':
      return lowerUpdate(lowering, node);
    case 'call_expression':
      return lowerCall(lowering, node, boundTo);
    case 'field_expression':
    case 'subscript_expression':
      return lowerLvalue(lowering, node);
    case 'pointer_expression':
      return lowerPointer(lowering, node);
    case 'unary_expression':
      return lowerUnary(lowering, node);
    case 'binary_expression':
      return lowerBinary(lowering, node);
    case 'conditional_expression':
      return lowerConditional(lowering, node, boundTo);
    case 'comma_expression': {
      const left = child(node, 'left');
      const right = child(node, 'right');
      if (left !== undefined) lowering.value(left);
      return right === undefined ? opaque(lowering, node, null) : lowering.value(right, boundTo);
    }
    case 'sizeof_expression':
    case 'alignof_expression':
    case 'offsetof_expression':
      return opaque(lowering, node, textOf(lowering, node).replace(/\s+/g, ' '));
    case 'compound_literal_expression':
    case 'initializer_list':
      return lowerUnknown(lowering, node);
    default:
      return lowerUnknown(lowering, node);
  }
}

/** Anything that is not modelled: what it mentions may be read, kept or changed. */
function lowerUnknown(lowering: Lowering, node: SyntaxNode): Temp {
  const args: Argument[] = [];
  const collect = (part: SyntaxNode): void => {
    for (const inner of part.children) {
      if (inner.type === 'identifier' || inner.type.endsWith('_expression')) {
        args.push(lowerArgument(lowering, inner));
      } else if (inner.field !== 'type' && inner.type !== 'type_descriptor') collect(inner);
    }
  };
  collect(node);
  if (args.length === 0) return opaque(lowering, node, null);
  const to = lowering.build.newTemp();
  const value = opaque(lowering, node, null);
  add(lowering, node, {
    op: 'call',
    to,
    callee: { kind: 'value', value },
    arguments: args,
    through: lowering.through,
    calleeSpan: null,
    boundTo: '',
  });
  return to;
}

function lowerParenthesized(lowering: Lowering, node: SyntaxNode, boundTo: string): Temp {
  // Thousands of nested parentheses are legal C; they must not cost stack.
  let inner: SyntaxNode = node;
  while (inner.type === 'parenthesized_expression' && inner.children.length === 1) {
    inner = inner.children[0]!;
  }
  if (inner.type === 'parenthesized_expression') {
    const last = inner.children.findLast((c) => c.type !== 'comment' && c.type !== 'ERROR');
    if (last === undefined) return opaque(lowering, node, null);
    inner = last;
  }
  if (inner.type !== 'compound_statement') return lowering.value(inner, boundTo);
  // A GNU statement expression: its value is that of the last statement.
  lowering.scopes.push();
  const statements = inner.children;
  statements.slice(0, -1).forEach((statement) => lowering.statement(statement));
  const last = statements.at(-1);
  const result =
    last?.type === 'expression_statement' && last.children[0] !== undefined
      ? lowering.value(last.children[0], boundTo)
      : (last !== undefined && lowering.statement(last), opaque(lowering, node, null));
  lowering.scopes.pop();
  return result;
}

function lowerIdentifier(lowering: Lowering, node: SyntaxNode): Temp {
  const name = textOf(lowering, node);
  const place = placeOfIdentifier(lowering, name);
  if (place.kind === 'local' || lowering.scopes.lookup(name) !== undefined) {
    return load(lowering, node, place, isArrayPlace(lowering, node));
  }
  const expanded = expandMacroName(lowering, node, name);
  if (expanded !== null) return expanded;
  const { declarations } = lowering.unit;
  if (declarations.functions.has(name) || apiRow(name) !== undefined) {
    const to = lowering.build.newTemp();
    add(lowering, node, { op: 'function', to, name });
    return to;
  }
  if (name === 'NULL' || name === 'nullptr') return constant(lowering, node, 0);
  if (declarations.enumerators.has(name) || /^[A-Z][A-Z0-9_]*$/.test(name)) {
    return opaque(lowering, node, name);
  }
  return load(lowering, node, place, false);
}

function placeOfIdentifier(lowering: Lowering, name: string): Place {
  const local = lowering.scopes.lookup(name);
  if (local === undefined) return { kind: 'global', name };
  if (local.isStatic) return { kind: 'global', name: `${lowering.functionName}.${local.name}` };
  return { kind: 'local', name: local.name };
}

function load(lowering: Lowering, node: SyntaxNode, place: Place, isArray: boolean): Temp {
  const to = lowering.build.newTemp();
  if (isArray) add(lowering, node, { op: 'address', to, of: place });
  else add(lowering, node, { op: 'load', to, from: place, text: shortText(lowering, node) });
  return to;
}

function lowerNumber(lowering: Lowering, node: SyntaxNode): Temp {
  const text = textOf(lowering, node);
  const value = parseNumber(text);
  return value === null ? opaque(lowering, node, text) : constant(lowering, node, value);
}

/** An integer or character constant; null for what does not fit a safe integer or is no integer. */
export function parseNumber(text: string): number | null {
  const digits = text.replace(/[uUlLzZ]+$/, '').replaceAll("'", '');
  if (text.startsWith("'")) {
    const plain = /^'([^\\])'$/.exec(text);
    return plain === null ? (text === "'\\0'" ? 0 : null) : plain[1]!.codePointAt(0)!;
  }
  if (!/^(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)$/.test(digits)) return null;
  const value = /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return Number.isSafeInteger(value) ? value : null;
}

/** The characters of string literals put together, as far as a format string needs them. */
function stringText(lowering: Lowering, node: SyntaxNode): string {
  const written = textOf(lowering, node);
  return [...written.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map((m) => m[1]!).join('');
}

/** The place an expression denotes; null when it is not an lvalue. */
export function lowerPlace(lowering: Lowering, node: SyntaxNode): Place | null {
  const inner = bare(node);
  switch (inner.type) {
    case 'identifier': {
      const name = textOf(lowering, inner);
      if (lowering.scopes.lookup(name) === undefined) {
        const macro = inMacroPlace(lowering, inner, name, (n) => lowerPlace(lowering, n));
        if (macro !== undefined) return macro;
        if (apiRow(name) !== undefined) return null;
      }
      return placeOfIdentifier(lowering, name);
    }
    case 'field_expression': {
      const argument = child(inner, 'argument');
      const field = child(inner, 'field');
      if (argument === undefined || field === undefined) return null;
      const struct = structOf(lowering, argument);
      const arrow = textOf(lowering, child(inner, 'operator') ?? inner) !== '.';
      const base: Place | null =
        arrow && !isArrayPlace(lowering, argument)
          ? { kind: 'memory', pointer: lowering.value(argument) }
          : lowerPlace(lowering, argument);
      if (base === null) return null;
      return { kind: 'field', base, name: textOf(lowering, field), struct };
    }
    case 'subscript_expression': {
      const argument = child(inner, 'argument');
      const index = child(inner, 'index');
      if (argument === undefined || index === undefined) return null;
      const base: Place | null = isArrayPlace(lowering, argument)
        ? lowerPlace(lowering, argument)
        : { kind: 'memory', pointer: lowering.value(argument) };
      lowering.value(index);
      if (base === null) return null;
      const literal = bare(index);
      const number =
        literal.type === 'number_literal' ? parseNumber(textOf(lowering, literal)) : null;
      return { kind: 'element', base, index: number };
    }
    case 'pointer_expression': {
      const argument = child(inner, 'argument');
      if (argument === undefined || textOf(lowering, child(inner, 'operator') ?? inner) !== '*') {
        return null;
      }
      if (isArrayPlace(lowering, argument)) {
        const base = lowerPlace(lowering, argument);
        return base === null ? null : { kind: 'element', base, index: 0 };
      }
      return { kind: 'memory', pointer: lowering.value(argument) };
    }
    default:
      return null;
  }
}

function lowerLvalue(lowering: Lowering, node: SyntaxNode): Temp {
  const isArray = isArrayPlace(lowering, node);
  const place = lowerPlace(lowering, node);
  return place === null ? lowerUnknown(lowering, node) : load(lowering, node, place, isArray);
}

function lowerPointer(lowering: Lowering, node: SyntaxNode): Temp {
  const argument = child(node, 'argument');
  if (argument === undefined) return opaque(lowering, node, null);
  if (textOf(lowering, child(node, 'operator') ?? node) === '*') return lowerLvalue(lowering, node);
  const inner = bare(argument);
  if (inner.type === 'identifier') {
    const name = textOf(lowering, inner);
    if (
      lowering.scopes.lookup(name) === undefined &&
      (lowering.unit.declarations.functions.has(name) || apiRow(name) !== undefined)
    ) {
      return lowering.value(inner);
    }
  }
  const place = lowerPlace(lowering, argument);
  if (place === null) return lowerUnknown(lowering, node);
  const to = lowering.build.newTemp();
  add(lowering, node, { op: 'address', to, of: place });
  return to;
}

function lowerAssignment(lowering: Lowering, node: SyntaxNode): Temp {
  const left = child(node, 'left');
  const right = child(node, 'right');
  if (left === undefined || right === undefined) return lowerUnknown(lowering, node);
  const operator = textOf(lowering, child(node, 'operator') ?? node);
  const text = shortText(lowering, left);
  if (operator === '=') {
    const value = lowering.value(right, text);
    const place = lowerPlace(lowering, left);
    if (place === null) lowerUnknown(lowering, left);
    else add(lowering, node, { op: 'store', to: place, value, text });
    return value;
  }
  const place = lowerPlace(lowering, left);
  if (place === null) return lowerUnknown(lowering, node);
  const old = load(lowering, left, place, false);
  const amount = lowering.value(right);
  const to = lowering.build.newTemp();
  add(lowering, node, {
    op: 'binary',
    to,
    operator: operator.slice(0, -1),
    left: old,
    right: amount,
  });
  add(lowering, node, { op: 'store', to: place, value: to, text });
  return to;
}

function lowerUpdate(lowering: Lowering, node: SyntaxNode): Temp {
  const argument = child(node, 'argument');
  const place = argument === undefined ? null : lowerPlace(lowering, argument);
  if (argument === undefined || place === null) return lowerUnknown(lowering, node);
  const old = load(lowering, argument, place, false);
  const one = constant(lowering, node, 1);
  const to = lowering.build.newTemp();
  const operator = child(node, 'operator');
  const sign = operator === undefined ? '+' : textOf(lowering, operator).charAt(0);
  add(lowering, node, { op: 'binary', to, operator: sign, left: old, right: one });
  const text = shortText(lowering, argument);
  add(lowering, node, { op: 'store', to: place, value: to, text });
  const isPrefix = operator !== undefined && operator.start < argument.start;
  return isPrefix ? to : old;
}

function lowerUnary(lowering: Lowering, node: SyntaxNode): Temp {
  const argument = child(node, 'argument');
  if (argument === undefined) return opaque(lowering, node, null);
  const operator = textOf(lowering, child(node, 'operator') ?? node);
  const inner = bare(argument);
  if (operator === '-' && inner.type === 'number_literal') {
    const value = parseNumber(textOf(lowering, inner));
    if (value !== null) return constant(lowering, node, -value);
  }
  const operand = lowering.value(argument);
  if (operator !== '!' && operator !== '-' && operator !== '~') return operand;
  const to = lowering.build.newTemp();
  add(lowering, node, { op: 'unary', to, operator, operand });
  return to;
}

function lowerBinary(lowering: Lowering, node: SyntaxNode): Temp {
  const left = child(node, 'left');
  const right = child(node, 'right');
  if (left === undefined || right === undefined) return lowerUnknown(lowering, node);
  const operator = textOf(lowering, child(node, 'operator') ?? node);
  if (operator === '&&' || operator === '||') {
    return lowerChoice(lowering, node, node, (settle) => {
      settle.whenTrue(() => constant(lowering, node, 1));
      settle.whenFalse(() => constant(lowering, node, 0));
    });
  }
  const a = lowering.value(left);
  const b = lowering.value(right);
  const to = lowering.build.newTemp();
  add(lowering, node, { op: 'binary', to, operator, left: a, right: b });
  return to;
}

function lowerConditional(lowering: Lowering, node: SyntaxNode, boundTo: string): Temp {
  const condition = child(node, 'condition');
  const consequence = child(node, 'consequence');
  const alternative = child(node, 'alternative');
  if (condition === undefined || alternative === undefined) return lowerUnknown(lowering, node);
  return lowerChoice(lowering, node, condition, (settle) => {
    // `a ?: b` gives a.
    settle.whenTrue(() => lowering.value(consequence ?? condition, boundTo));
    settle.whenFalse(() => lowering.value(alternative, boundTo));
  });
}

interface Settle {
  whenTrue(value: () => Temp): void;
  whenFalse(value: () => Temp): void;
}

/** A value that depends on a condition goes through a local of its own. */
function lowerChoice(
  lowering: Lowering,
  node: SyntaxNode,
  condition: SyntaxNode,
  fill: (settle: Settle) => void,
): Temp {
  const { build } = lowering;
  const result: Place = { kind: 'local', name: `?${build.newTemp()}` };
  const whenTrue = build.newBlock();
  const whenFalse = build.newBlock();
  const after = build.newBlock();
  lowerCondition(lowering, condition, whenTrue, whenFalse);
  const settle = (block: BlockIndex) => (value: () => Temp) => {
    build.start(block);
    add(lowering, node, { op: 'store', to: result, value: value(), text: '' });
    build.goto(after);
  };
  fill({ whenTrue: settle(whenTrue), whenFalse: settle(whenFalse) });
  build.start(after);
  return load(lowering, node, result, false);
}

/** Branches on an expression; both targets are new blocks of the caller. */
export function lowerCondition(
  lowering: Lowering,
  node: SyntaxNode,
  whenTrue: BlockIndex,
  whenFalse: BlockIndex,
): void {
  const { build } = lowering;
  let inner = node;
  while (inner.type === 'parenthesized_expression' && inner.children.length === 1) {
    inner = inner.children[0]!;
  }
  const operatorNode = child(inner, 'operator');
  const operator = operatorNode === undefined ? '' : textOf(lowering, operatorNode);
  const left = child(inner, 'left');
  const right = child(inner, 'right');
  if (inner.type === 'binary_expression' && left !== undefined && right !== undefined) {
    if (operator === '&&' || operator === '||') {
      const second = build.newBlock();
      if (operator === '&&') lowerCondition(lowering, left, second, whenFalse);
      else lowerCondition(lowering, left, whenTrue, second);
      build.start(second);
      lowerCondition(lowering, right, whenTrue, whenFalse);
      return;
    }
  }
  const argument = child(inner, 'argument');
  if (inner.type === 'unary_expression' && operator === '!' && argument !== undefined) {
    lowerCondition(lowering, argument, whenFalse, whenTrue);
    return;
  }
  const condition = lowering.value(inner);
  build.branch(condition, whenTrue, whenFalse, {
    at: spanOf(lowering, inner),
    text: shortText(lowering, inner),
    preprocessor: false,
  });
}

export function lowerArgument(lowering: Lowering, node: SyntaxNode): Argument {
  const inner = bare(node);
  const isPlace = /^(identifier|field_expression|subscript_expression)$/.test(inner.type);
  const dereference =
    inner.type === 'pointer_expression' && textOf(lowering, inner).startsWith('*');
  const value = lowering.value(node);
  // The place is evaluated apart from the value: only where that can have no effect of its own.
  const isPure = !/[()]|\+\+|--/.test(textOf(lowering, inner));
  const place = isPure && (isPlace || dereference) ? lowerPlace(lowering, node) : null;
  return { value, text: shortText(lowering, node), place };
}

function lowerCall(lowering: Lowering, node: SyntaxNode, boundTo: string): Temp {
  const callee = child(node, 'function');
  const list = child(node, 'arguments');
  if (callee === undefined) return lowerUnknown(lowering, node);
  const inner = bare(callee);
  if (inner.type === 'identifier' && list !== undefined) {
    const expanded = expandMacroCall(lowering, node, inner, list, boundTo);
    if (expanded !== null) return expanded;
  }
  const target = lowerCallee(lowering, inner);
  const args = (list?.children ?? [])
    .filter((c) => c.type !== 'comment')
    .map((c) => lowerArgument(lowering, c));
  const to = lowering.build.newTemp();
  add(lowering, node, {
    op: 'call',
    to,
    callee: target,
    arguments: args,
    through: lowering.through,
    calleeSpan: lowering.expandedAt === null ? spanOf(lowering, inner) : null,
    boundTo,
  });
  return to;
}

function lowerCallee(lowering: Lowering, node: SyntaxNode): Callee {
  if (node.type === 'identifier') {
    const name = textOf(lowering, node);
    if (lowering.scopes.lookup(name) === undefined) return { kind: 'function', name };
  }
  if (node.type === 'field_expression') {
    const field = childrenOf(node, 'field')[0];
    const value = lowering.value(node);
    if (field !== undefined) return { kind: 'member', name: textOf(lowering, field), value };
  }
  if (node.type === 'pointer_expression') {
    const argument = child(node, 'argument');
    if (argument !== undefined && textOf(lowering, node).startsWith('*')) {
      return lowerCallee(lowering, bare(argument));
    }
  }
  return { kind: 'value', value: lowering.value(node) };
}
