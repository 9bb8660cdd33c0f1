// Lowers declarations of locals and their initializers.
import { child, type SyntaxNode, walk } from '../syntax/node.ts';
import { isReference, lineage } from './classes.ts';
import { add, bare, type Lowering, opaque, shortText, structOf, textOf } from './context.ts';
import { cleanupsOf } from './cleanup-attribute.ts';
import { constructorArguments } from './constructor-arguments.ts';
import {
  canonicalStruct,
  declaratorName,
  hasArray,
  isSinglePointer,
  typeName,
} from './declarations.ts';
import type { Place } from './instruction.ts';
import { parseNumber } from './literals.ts';
import { address, lowerPlace } from './lower-place.ts';
import { apiRow } from '../knowledge/row.ts';
import { giveAway, keepValue } from './give-away.ts';
import { lowerBareCall } from './lower-call.ts';
import { addressOf } from './lower-method.ts';
import { sourceName } from './scope.ts';

export function lowerDeclaration(lowering: Lowering, node: SyntaxNode): void {
  const type = child(node, 'type');
  const struct =
    type === undefined
      ? null
      : canonicalStruct(typeName(type, lowering.text), lowering.unit.declarations);
  const isStatic = node.children.some(
    (c) => c.type === 'storage_class_specifier' && /static|extern/.test(textOf(lowering, c)),
  );
  const cleanupOf = cleanupsOf(lowering, node);
  const isCxx = lowering.unit.parser.language === 'c++';
  for (const part of node.children) {
    if (part.field !== 'declarator') continue;
    const made = isCxx ? constructorArguments(part) : null;
    const isNamedBelow = part.type === 'init_declarator' || made !== null;
    const declarator = isNamedBelow ? child(part, 'declarator') : part;
    const name = declaratorName(declarator, lowering.text);
    if (declarator === undefined || name === null) continue;
    if (declarator.type === 'function_declarator' && !isFunctionPointer(declarator)) continue;
    const value = made ?? (part.type === 'init_declarator' ? child(part, 'value') : undefined);
    if (name === '' && value !== undefined) {
      storeInMacro(lowering, type, part, value);
      continue;
    }
    const isArray = hasArray(declarator);
    // In C the scope of a name begins before its initializer.
    const isReferred = isReference(declarator);
    const named = struct ?? deducedStruct(lowering, type, value);
    const local = lowering.scopes.declare(name, {
      isArray,
      isPointer: declarator.type === 'pointer_declarator' && !isArray,
      isStatic,
      isReference: isReferred,
      cleanup: cleanupOf(part),
      struct: named,
    });
    if (named !== null) {
      lowering.structs.set(local.name, named);
      if (isSinglePointer(declarator)) lowering.pointees.set(local.name, named);
    }
    if (type !== undefined && /^(?:primitive_type|sized_type_specifier)$/.test(type.type)) {
      lowering.scalars.set(local.name, textOf(lowering, type));
    }
    if (isStatic) continue;
    add(lowering, part, { op: 'declare', local: local.name, array: isArray });
    const place: Place = { kind: 'local', name: local.name };
    if (declarator.type === 'identifier') {
      constructGuard(lowering, type);
      if (mayRelease(lowering, named)) keepValue(lowering, part, address(lowering, part, place));
    }
    if (value === undefined) continue;
    if (isReferred) bindReference(lowering, part, place, value);
    else if (isCxx) {
      const isPointer = declarator.type === 'pointer_declarator';
      initializeCxx(lowering, part, { place, isPointer }, value);
    } else initialize(lowering, part, place, value);
  }
}

/** `ENTRY(char *, &p) = value;` */
function storeInMacro(
  lowering: Lowering,
  macro: SyntaxNode | undefined,
  part: SyntaxNode,
  node: SyntaxNode,
): void {
  const value = lowering.value(node);
  const place = macro === undefined ? null : lowerPlace(lowering, macro);
  if (place === null) keepValue(lowering, part, value);
  else add(lowering, part, { op: 'store', to: place, value, text: textOf(lowering, macro!) });
}

/**
 * The constructor of a local in C++ may attach the thread state, or detach it.
 * Incomplete: the destructor gives that back unseen; what the thread state is, is not known from here on.
 */
function constructGuard(lowering: Lowering, type: SyntaxNode | undefined): void {
  if (lowering.unit.parser.language !== 'c++' || type === undefined) return;
  if (type.type === 'primitive_type' || type.type === 'sized_type_specifier') return;
  const name = textOf(lowering, type);
  const isClass = lowering.unit.declarations.cxx.signatures.get(`${name}::${name}`) !== undefined;
  const mayGuard = /gil|thread|python|attach|acquire|restore|lock|enter|leave/i.test(name);
  if (!isClass && (!mayGuard || apiRow(name) !== undefined)) return;
  lowerBareCall(lowering, type);
}

/** An object of the class has a destructor, or may have one: what it holds is released there. */
function mayRelease({ unit }: Lowering, struct: string | null): boolean {
  const { cxx } = unit.declarations;
  if (struct === null || cxx.classes.get(struct) === undefined) return false;
  const { names, isWhole } = lineage(struct, cxx);
  return !isWhole || names.some((name) => cxx.signatures.get(`${name}::~${name}`) !== undefined);
}

/** `auto p = new Foo`. */
function deducedStruct(
  lowering: Lowering,
  type: SyntaxNode | undefined,
  value: SyntaxNode | undefined,
): string | null {
  if (type?.type !== 'placeholder_type_specifier' || value === undefined) return null;
  return structOf(lowering, value);
}

function bindReference(
  lowering: Lowering,
  node: SyntaxNode,
  place: Place,
  value: SyntaxNode,
): void {
  const to = addressOf(lowering, value) ?? (lowering.value(value), opaque(lowering, node, null));
  add(lowering, node, { op: 'store', to: place, value: to, text: '' });
}

/** `T name(…)` and `T name{…}`: for a pointer its value, else what a constructor gets. */
function initializeCxx(
  lowering: Lowering,
  node: SyntaxNode,
  { place, isPointer }: { readonly place: Place; readonly isPointer: boolean },
  value: SyntaxNode,
): void {
  const items = value.children.filter((c) => c.type !== 'comment');
  const isList = value.type === 'argument_list' || value.type === 'initializer_list';
  if (!isList) initialize(lowering, node, place, value);
  else if (isPointer && items.length === 1) initialize(lowering, node, place, items[0]!);
  else if (value.type === 'initializer_list' && isPlainStruct(lowering, place)) {
    initialize(lowering, node, place, value);
  } else giveAway(lowering, value);
}

/** Initialized member by member, without a constructor. */
function isPlainStruct(lowering: Lowering, place: Place): boolean {
  const struct = place.kind === 'local' ? lowering.structs.get(place.name) : undefined;
  if (struct === undefined) return false;
  const { structs, cxx } = lowering.unit.declarations;
  return structs.get(struct) !== undefined && !cxx.signatures.get(`${struct}::${struct}`);
}

function initialize(lowering: Lowering, node: SyntaxNode, place: Place, value: SyntaxNode): void {
  if (value.type !== 'initializer_list') {
    const text = place.kind === 'local' ? sourceName(place.name) : shortText(lowering, node);
    const result = lowering.value(value, text);
    add(lowering, node, { op: 'store', to: place, value: result, text });
    return;
  }
  // `{0}`, `{NULL}`: the members that are read later are null.
  const items = value.children.filter((c) => c.type !== 'comment');
  const struct = place.kind === 'local' ? lowering.structs.get(place.name) : undefined;
  const members = struct === undefined ? undefined : lowering.unit.declarations.structs.get(struct);
  const designated = items.filter((item) => item.type === 'initializer_pair');
  // Incomplete: a list inside the list may fill a struct or an array.
  const inOrder =
    designated.length === 0 && items.every((item) => item.type !== 'initializer_list') ? items : [];
  const isKnown = designated.length === items.length - countZeros(lowering, items);
  if (
    members !== undefined &&
    (isKnown || (inOrder.length > 0 && inOrder.length <= members.size))
  ) {
    for (const [index, name] of [...members.keys()].entries()) {
      const given = designated.find((d) => memberName(lowering, d) === name);
      const initializer = given === undefined ? inOrder[index] : child(given, 'value');
      const member: Place = { kind: 'field', base: place, name, struct: struct ?? null };
      const to = lowering.build.newTemp();
      if (initializer === undefined) {
        add(lowering, node, { op: 'constant', to, value: 0 });
        add(lowering, node, { op: 'store', to: member, value: to, text: name });
      } else if (initializer.type !== 'initializer_list') {
        const result = lowering.value(initializer, name);
        add(lowering, node, { op: 'store', to: member, value: result, text: name });
      } else keepValues(lowering, initializer);
    }
    return;
  }
  keepValues(lowering, value);
}

/** Which member gets which value is not followed. */
function keepValues(lowering: Lowering, list: SyntaxNode): void {
  walk(list, (inner) => {
    if (!/_expression$|^identifier$/.test(inner.type)) return undefined;
    keepValue(lowering, inner, lowering.value(inner));
    return false;
  });
}

function countZeros(lowering: Lowering, items: readonly SyntaxNode[]): number {
  return items.filter((item) => {
    const inner = bare(item);
    return inner.type === 'null' || parseNumber(textOf(lowering, inner)) === 0;
  }).length;
}

function memberName(lowering: Lowering, pair: SyntaxNode): string | null {
  const designator = child(pair, 'designator');
  const field = designator?.children[0];
  return field === undefined ? null : textOf(lowering, field);
}

function isFunctionPointer(declarator: SyntaxNode): boolean {
  return child(declarator, 'declarator')?.type === 'parenthesized_declarator';
}
