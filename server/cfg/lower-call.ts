// Lowers calls, and what is not modelled as a call of something unknown.
import { child, childrenOf, type SyntaxNode } from '../syntax/node.ts';
import { add, bare, type Lowering, opaque, shortText, spanOf, textOf } from './context.ts';
import type { Argument, Callee, Temp } from './instruction.ts';
import { keepValue } from './give-away.ts';
import { expandMacroCall } from './lower-macro.ts';
import { addressOf, cxxCallee } from './lower-method.ts';
import { lowerPlace } from './lower-place.ts';

export function lowerCall(lowering: Lowering, node: SyntaxNode, boundTo: string): Temp {
  const callee = child(node, 'function');
  const list = child(node, 'arguments');
  if (callee === undefined) return lowerUnknown(lowering, node);
  const inner = bare(callee);
  if (inner.type === 'identifier' && list !== undefined) {
    const expanded = expandMacroCall(lowering, node, inner, list, boundTo);
    if (expanded !== null) return expanded;
  }
  const cxx = cxxCallee(lowering, inner);
  const target = cxx?.callee ?? lowerCallee(lowering, inner);
  const written = (list?.children ?? [])
    .filter((c) => c.type !== 'comment')
    .map((c, i) =>
      cxx?.signature?.references.includes(i) === true
        ? lowerReference(lowering, c)
        : lowerArgument(lowering, c),
    );
  if (cxx?.keepsArguments === true) {
    for (const { value } of written) keepValue(lowering, node, value);
  }
  const args = cxx?.receiver == null ? written : [cxx.receiver, ...written];
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

/** A macro that does something without being given arguments. */
export function lowerBareCall(lowering: Lowering, name: SyntaxNode): Temp {
  const to = lowering.build.newTemp();
  add(lowering, name, {
    op: 'call',
    to,
    callee: { kind: 'function', name: textOf(lowering, name) },
    arguments: [],
    through: lowering.through,
    calleeSpan: lowering.expandedAt === null ? spanOf(lowering, name) : null,
    boundTo: '',
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

/** An argument whose parameter is a reference. */
function lowerReference(lowering: Lowering, node: SyntaxNode): Argument {
  const address = addressOf(lowering, node);
  if (address === null) return lowerArgument(lowering, node);
  return { value: address, text: `&${shortText(lowering, node)}`, place: null };
}

export function lowerArgument(lowering: Lowering, node: SyntaxNode): Argument {
  const inner = bare(node);
  const isPlace = /^(identifier|field_expression|subscript_expression)$/.test(inner.type);
  const dereference =
    inner.type === 'pointer_expression' && textOf(lowering, inner).startsWith('*');
  const value = lowering.value(node);
  // The place is evaluated apart from the value: only where that can have no effect of its own.
  const place = (isPlace || dereference) && isPure(inner) ? lowerPlace(lowering, node) : null;
  return { value, text: shortText(lowering, node), place };
}

/** Reads variables and members, and does nothing else: `(self)->buf`, `((Buffer *)self)->buf`. */
function isPure(node: SyntaxNode): boolean {
  return (
    !/^(call|assignment|update|compound_statement|lambda)/.test(node.type) &&
    node.children.every(isPure)
  );
}

/** Anything that is not modelled: what it mentions may be read, kept or changed. */
export function lowerUnknown(lowering: Lowering, node: SyntaxNode): Temp {
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
