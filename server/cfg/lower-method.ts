// What names mean inside the methods of a C++ class, and which function a call of C++ means. Only calls
// that are decided by the text alone are resolved: an overloaded or virtual function is unknown.
import { apiRow } from '../knowledge/row.ts';
import { child, type SyntaxNode } from '../syntax/node.ts';
import { classOf, lastName, lineage, type Signature, starsIn } from './classes.ts';
import {
  bare,
  type Lowering,
  memberOwner,
  type MethodContext,
  opaque,
  structOf,
  textOf,
} from './context.ts';
import type { Argument, Callee, Place, Temp } from './instruction.ts';
import { address, load, lowerPlace } from './lower-place.ts';

export interface CxxCallee {
  readonly callee: Callee;
  /** The object of a method; null: none. */
  readonly receiver: Argument | null;
  /** What the parameters are; undefined: not known. */
  readonly signature: Signature | undefined;
  /** The arguments may live on in an object. */
  readonly keepsArguments: boolean;
}

/** `this->name` for a name that is no local; null: not a member. */
export function memberPlace(lowering: Lowering, node: SyntaxNode, name: string): Place | null {
  const owner = memberOwner(lowering, name);
  if (owner === null) return null;
  const pointer = load(lowering, node, { kind: 'local', name: 'this' }, false);
  return { kind: 'field', base: { kind: 'memory', pointer }, name, struct: owner };
}

/** null: a call as in C. */
export function cxxCallee(lowering: Lowering, node: SyntaxNode): CxxCallee | null {
  if (lowering.unit.parser.language !== 'c++') return null;
  switch (node.type) {
    case 'identifier':
      return calleeOfName(lowering, node);
    case 'field_expression':
      return calleeOfMember(lowering, node);
    case 'qualified_identifier':
      return calleeOfScope(lowering, node);
    case 'template_function':
      return { ...unknown(lowering, node), keepsArguments: true };
    default:
      return null;
  }
}

function calleeOfName(lowering: Lowering, node: SyntaxNode): CxxCallee | null {
  const { method, scopes, unit } = lowering;
  const name = textOf(lowering, node);
  if (scopes.lookup(name) !== undefined) return null;
  const { classes, signatures } = unit.declarations.cxx;
  if (method !== null) {
    const found = methodIn(lowering, method.names, name);
    if (found !== null) return methodCall(lowering, node, found, thisArgument(lowering, node));
    // A method of a base out of view may change the object.
    const isKnown = apiRow(name) !== undefined || unit.declarations.functions.has(name);
    if (!method.isWhole && !isKnown) {
      return { ...unknown(lowering, node), receiver: thisArgument(lowering, node) };
    }
  }
  if (classes.get(name) !== undefined) {
    return { ...unknown(lowering, node), keepsArguments: true };
  }
  const signature = signatures.get(name);
  // The program's own function of that name overloads the one of the table.
  const row = apiRow(name);
  const declared = row?.signature?.replace(/^[^(]*/, '') ?? null;
  const overloads =
    signature !== undefined &&
    row !== undefined &&
    (declared === null || starsIn(declared) !== signature.stars);
  const isOpen = signature?.isOpen === true && row === undefined;
  if (isOpen || overloads) return unknown(lowering, node);
  return { ...plain({ kind: 'function', name }), signature };
}

function calleeOfMember(lowering: Lowering, node: SyntaxNode): CxxCallee | null {
  const argument = child(node, 'argument');
  const field = child(node, 'field');
  if (argument === undefined || field === undefined) return null;
  const name = textOf(lowering, field);
  const struct = structOf(lowering, argument);
  const { structs } = lowering.unit.declarations;
  // A pointer to a function in a struct, as in C.
  if (struct !== null && structs.get(struct)?.has(name) === true) return null;
  if (apiRow(name)?.kind === 'type-slot') return null;
  const names = struct === null ? [] : lineage(struct, lowering.unit.declarations.cxx).names;
  const found = methodIn(lowering, names, name);
  const receiver = receiverOf(lowering, node, argument);
  if (found !== null) return methodCall(lowering, node, found, receiver);
  return { ...unknown(lowering, node), receiver };
}

function calleeOfScope(lowering: Lowering, node: SyntaxNode): CxxCallee {
  const { declarations } = lowering.unit;
  const written = textOf(lowering, node).replace(/\s+/g, '');
  const parts = written.replace(/^::/, '').split('::');
  const last = parts.at(-1)!;
  const scope = parts.at(-2)!;
  if (scope === 'std' && parts.length === 2) {
    if (apiRow(written) !== undefined) return plain({ kind: 'function', name: written });
    if (apiRow(last)?.lib === 'libc') return plain({ kind: 'function', name: last });
    return { ...unknown(lowering, node), keepsArguments: true };
  }
  const name = `${scope}::${last}`;
  const signature = declarations.cxx.signatures.get(name);
  if (signature === undefined) {
    // A function of a namespace; a class that is not known may have one of the same name.
    const isFree = declarations.functions.has(last) && apiRow(last) === undefined;
    return isFree && declarations.cxx.classes.get(scope) === undefined
      ? {
          ...plain({ kind: 'function', name: last }),
          signature: declarations.cxx.signatures.get(last),
        }
      : plain({ kind: 'function', name });
  }
  if (signature.isMethod && lowering.method === null) return unknown(lowering, node);
  // `Base::f()` names the function even where it is virtual.
  return {
    ...plain({ kind: 'function', name }),
    signature,
    receiver: signature.isMethod ? thisArgument(lowering, node) : null,
  };
}

interface FoundMethod {
  readonly name: string;
  readonly signature: Signature;
}

function methodIn(
  lowering: Lowering,
  classes: readonly string[],
  name: string,
): FoundMethod | null {
  for (const owner of classes) {
    const full = `${owner}::${name}`;
    const signature = lowering.unit.declarations.cxx.signatures.get(full);
    if (signature !== undefined) return { name: full, signature };
  }
  return null;
}

function methodCall(
  lowering: Lowering,
  node: SyntaxNode,
  { name, signature }: FoundMethod,
  object: Argument | null,
): CxxCallee {
  const receiver = signature.isMethod ? object : null;
  if (signature.isOpen) return { ...unknown(lowering, node), receiver };
  return { ...plain({ kind: 'function', name }), receiver, signature };
}

function plain(callee: Callee): CxxCallee {
  return { callee, receiver: null, signature: undefined, keepsArguments: false };
}

function unknown(lowering: Lowering, node: SyntaxNode): CxxCallee {
  return plain({ kind: 'value', value: opaque(lowering, node, null) });
}

function thisArgument(lowering: Lowering, node: SyntaxNode): Argument | null {
  if (lowering.scopes.lookup('this') === undefined) return null;
  const value = load(lowering, node, { kind: 'local', name: 'this' }, false);
  return { value, text: 'this', place: null };
}

function receiverOf(lowering: Lowering, node: SyntaxNode, object: SyntaxNode): Argument | null {
  const operator = child(node, 'operator');
  const text = textOf(lowering, object);
  if (operator !== undefined && textOf(lowering, operator) === '->') {
    return { value: lowering.value(object), text, place: null };
  }
  const value = addressOf(lowering, object);
  return value === null ? null : { value, text: `&${text}`, place: null };
}

/** The address of an lvalue, for a parameter that is a reference; null: not an lvalue. */
export function addressOf(lowering: Lowering, node: SyntaxNode): Temp | null {
  const inner = bare(node);
  if (!/^(identifier|field_expression|subscript_expression|pointer_expression)$/.test(inner.type))
    return null;
  const place = lowerPlace(lowering, inner);
  return place === null ? null : address(lowering, node, place);
}

/** What the body of a method sees of its class; null: a function without one. */
export function methodContext(
  lowering: Pick<Lowering, 'unit' | 'functionName'>,
): MethodContext | null {
  const struct = classOf(lowering.functionName);
  if (struct === null) return null;
  const { cxx } = lowering.unit.declarations;
  // The class of a static method is in view, or its name would not be known to be static.
  if (cxx.signatures.get(lowering.functionName)?.isMethod === false) return null;
  return { struct, ...lineage(struct, cxx) };
}

/** Whether objects of a type come from an operator new of their own. */
export function hasOwnNew(lowering: Lowering, struct: string | null): boolean {
  if (struct === null) return false;
  const { cxx } = lowering.unit.declarations;
  return lineage(struct, cxx).names.some((name) => cxx.classes.get(name)?.hasOwnNew === true);
}

/** The class that a type names; null: another type. */
export function classNamed(lowering: Lowering, type: SyntaxNode | undefined): string | null {
  return type === undefined ? null : lastName(type, lowering.text);
}
