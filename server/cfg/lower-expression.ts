// Lowers C expressions. Evaluation follows the order of the text; short circuits become branches.
import { apiRow } from '../knowledge/row.ts';
import { child, type SyntaxNode } from '../syntax/node.ts';
import {
  add,
  bare,
  constant,
  isArrayPlace,
  memberOwner,
  type Lowering,
  opaque,
  shortText,
  textOf,
} from './context.ts';
import { keepValue } from './give-away.ts';
import type { Temp } from './instruction.ts';
import { parseNumber, stringText } from './literals.ts';
import { inScope } from './leave-scope.ts';
import { lowerBareCall, lowerCall, lowerUnknown } from './lower-call.ts';
import { lowerChoice } from './lower-condition.ts';
import { lowerCxxValue } from './lower-cxx.ts';
import { expandMacroName } from './lower-macro.ts';
import { address, load, lowerPlace, placeOfIdentifier } from './lower-place.ts';
import { castOperand } from './type-in-parentheses.ts';

export function lowerValue(lowering: Lowering, node: SyntaxNode, boundTo = ''): Temp {
  switch (node.type) {
    case 'parenthesized_expression':
      return lowerParenthesized(lowering, node, boundTo);
    case 'cast_expression': {
      const value = child(node, 'value');
      return value === undefined ? opaque(lowering, node, null) : lowering.value(value, boundTo);
    }
    case 'identifier':
    case 'type_identifier':
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
      add(lowering, node, { op: 'literal', to, text: stringText(textOf(lowering, node)) });
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
    default:
      return lowerCxxValue(lowering, node, boundTo) ?? lowerUnknown(lowering, node);
  }
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
  return inScope(lowering, inner, () => {
    const statements = inner.children;
    statements.slice(0, -1).forEach((statement) => lowering.statement(statement));
    const last = statements.at(-1);
    return last?.type === 'expression_statement' && last.children[0] !== undefined
      ? lowering.value(last.children[0], boundTo)
      : (last !== undefined && lowering.statement(last), opaque(lowering, node, null));
  });
}

function lowerIdentifier(lowering: Lowering, node: SyntaxNode): Temp {
  const name = textOf(lowering, node);
  const isOwn = lowering.scopes.lookup(name) !== undefined || memberOwner(lowering, name) !== null;
  if (isOwn) {
    const place = placeOfIdentifier(lowering, node, name);
    return load(lowering, node, place, isArrayPlace(lowering, node));
  }
  const expanded = expandMacroName(lowering, node, name);
  if (expanded !== null) return expanded;
  const { declarations } = lowering.unit;
  const known = declarations.enumerators.has(name)
    ? declarations.enumerators.valueOf(name)
    : (apiRow(name)?.constant ?? null);
  if (known !== null) return constant(lowering, node, known);
  const row = apiRow(name);
  // Py_BEGIN_ALLOW_THREADS: a call that is written without parentheses.
  if (row?.kind === 'macro' && row.threadState !== null) return lowerBareCall(lowering, node);
  if (declarations.functions.has(name) || row !== undefined) {
    const to = lowering.build.newTemp();
    add(lowering, node, { op: 'function', to, name });
    return to;
  }
  if (name === 'NULL' || name === 'nullptr') return constant(lowering, node, 0);
  if (declarations.enumerators.has(name) || /^(?:Py[A-Za-z]*_)?[A-Z][A-Z0-9_]*$/.test(name)) {
    return opaque(lowering, node, name);
  }
  const place = placeOfIdentifier(lowering, node, name);
  return load(lowering, node, place, isArrayPlace(lowering, node));
}

function lowerNumber(lowering: Lowering, node: SyntaxNode): Temp {
  const text = textOf(lowering, node);
  const value = parseNumber(text);
  return value === null ? opaque(lowering, node, text) : constant(lowering, node, value);
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
  return address(lowering, node, place);
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
    if (place === null) {
      lowerUnknown(lowering, left);
      keepValue(lowering, node, value);
    } else add(lowering, node, { op: 'store', to: place, value, text });
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
    movesPointer: isPointer(lowering, left),
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
  const movesPointer = isPointer(lowering, argument);
  add(lowering, node, { op: 'binary', to, operator: sign, movesPointer, left: old, right: one });
  const text = shortText(lowering, argument);
  add(lowering, node, { op: 'store', to: place, value: to, text });
  const isPrefix = operator !== undefined && operator.start < argument.start;
  return isPrefix ? to : old;
}

function isPointer(lowering: Lowering, node: SyntaxNode): boolean {
  const variable = bare(node);
  if (variable.type !== 'identifier') return false;
  return lowering.scopes.lookup(textOf(lowering, variable))?.isPointer === true;
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
  const operand = castOperand(lowering, node);
  if (operand !== null) return lowering.value(operand);
  const a = lowering.value(left);
  const b = lowering.value(right);
  const to = lowering.build.newTemp();
  add(lowering, node, { op: 'binary', to, operator, movesPointer: false, left: a, right: b });
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
