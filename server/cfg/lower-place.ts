// Lowers what has an address: locals, globals, `*p`, members and elements.
import { apiRow } from '../knowledge/row.ts';
import { child, type SyntaxNode } from '../syntax/node.ts';
import { add, bare, isArrayPlace, type Lowering, shortText, structOf, textOf } from './context.ts';
import type { Place, Temp } from './instruction.ts';
import { parseNumber } from './literals.ts';
import { inMacroPlace, placeOfMacroCall, placeOfMacroType } from './lower-macro.ts';

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
      return placeOfIdentifier(lowering, inner, name);
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
      // The members of a union are one place.
      const isUnion = struct !== null && lowering.unit.declarations.unions.has(struct);
      return { kind: 'field', base, name: isUnion ? '(union)' : textOf(lowering, field), struct };
    }
    case 'subscript_expression': {
      const argument = child(inner, 'argument');
      const index = child(inner, 'index');
      if (argument === undefined || index === undefined) return null;
      const base: Place | null = isArrayPlace(lowering, argument)
        ? lowerPlace(lowering, argument)
        : { kind: 'memory', pointer: lowering.value(argument) };
      const subscript = lowering.value(index);
      if (base === null) return null;
      const literal = bare(index);
      const number =
        literal.type === 'number_literal' ? parseNumber(textOf(lowering, literal)) : null;
      return {
        kind: 'element',
        base,
        index: number,
        subscript: number === null ? subscript : null,
      };
    }
    case 'pointer_expression': {
      const argument = child(inner, 'argument');
      if (argument === undefined || textOf(lowering, child(inner, 'operator') ?? inner) !== '*') {
        return null;
      }
      if (isArrayPlace(lowering, argument)) {
        const base = lowerPlace(lowering, argument);
        return base === null ? null : { kind: 'element', base, index: 0, subscript: null };
      }
      return { kind: 'memory', pointer: lowering.value(argument) };
    }
    case 'call_expression':
      return placeOfMacroCall(lowering, inner, (expression) => lowerPlace(lowering, expression));
    case 'macro_type_specifier':
      return placeOfMacroType(lowering, inner, (expression) => lowerPlace(lowering, expression));
    default:
      return null;
  }
}

export function placeOfIdentifier(lowering: Lowering, node: SyntaxNode, name: string): Place {
  const local = lowering.scopes.lookup(name);
  if (local === undefined) return lowering.member(node, name) ?? { kind: 'global', name };
  if (local.isReference) {
    const reference: Place = { kind: 'local', name: local.name };
    return { kind: 'memory', pointer: load(lowering, node, reference, false) };
  }
  if (local.isStatic) return { kind: 'global', name: `${lowering.functionName}.${local.name}` };
  return { kind: 'local', name: local.name };
}

/** The value of a place; an array's is its address. */
export function load(lowering: Lowering, node: SyntaxNode, place: Place, isArray: boolean): Temp {
  if (isArray) return address(lowering, node, place);
  const to = lowering.build.newTemp();
  add(lowering, node, { op: 'load', to, from: place, text: shortText(lowering, node) });
  return to;
}

export function address(lowering: Lowering, node: SyntaxNode, place: Place): Temp {
  const to = lowering.build.newTemp();
  add(lowering, node, { op: 'address', to, of: place, inside: isInside(lowering, place) });
  return to;
}

/** Surely not at the start of the object that the place is a part of. */
function isInside(lowering: Lowering, place: Place): boolean {
  switch (place.kind) {
    case 'field': {
      const { structs, unions } = lowering.unit.declarations;
      const { struct, name } = place;
      const members = struct === null ? undefined : structs.get(struct);
      const isLater =
        struct !== null &&
        !unions.has(struct) &&
        members?.has(name) === true &&
        members.keys().next().value !== name;
      return isLater || isInside(lowering, place.base);
    }
    case 'element':
      return (place.index ?? 0) > 0 || isInside(lowering, place.base);
    case 'local':
    case 'global':
    case 'memory':
      return false;
  }
}
