// What the parts of the lowering share while one function is lowered.
import type { Span } from '../../simulator/flagged-path.ts';
import type { MacroTable } from '../preprocess/macros.ts';
import { child, type SyntaxNode } from '../syntax/node.ts';
import type { Parser } from '../syntax/parser.ts';
import type { SourceText } from '../syntax/source-text.ts';
import type { CfgBuilder } from './builder.ts';
import { canonicalStruct, type DeclarationTable, typeName } from './declarations.ts';
import type { BlockIndex, InstructionKind, Place, Temp } from './instruction.ts';
import type { Scopes } from './scope.ts';
import { apiRow } from '../knowledge/row.ts';

/** A translation unit: what every function of a file shares. */
export interface Unit {
  readonly source: Pick<SourceText, 'file' | 'text' | 'span'>;
  readonly parser: Parser;
  readonly macros: MacroTable;
  readonly declarations: DeclarationTable;
  /** Parsed macro expansions by their text; null: does not parse. */
  readonly expansions: Map<string, Expansion | null>;
}

export interface Expansion {
  readonly text: string;
  readonly statements: readonly SyntaxNode[];
}

/** A function cannot be analyzed; the message says why. */
export class CannotLower extends Error {}

export interface HeadedBody {
  /** It has a break or continue of its own. */
  readonly jumps: boolean;
  /** It stands in braces. */
  readonly isBlock: boolean;
  lower(): void;
}

export interface Label {
  readonly block: BlockIndex;
  /** The locals with a cleanup that are in scope there; null: not come to yet. */
  readonly cleaned: readonly string[] | null;
}

export interface Jumps {
  readonly breakTo: BlockIndex | null;
  readonly continueTo: BlockIndex | null;
  /** Scopes around the statement. */
  readonly depth: number;
  /** label null: default. */
  readonly cases: { label: SyntaxNode | null; to: BlockIndex }[] | null;
}

/** What a method sees of its class. */
export interface MethodContext {
  readonly struct: string;
  /** The class and its bases, as far as they are known. */
  readonly names: readonly string[];
  readonly isWhole: boolean;
}

export interface Lowering {
  readonly unit: Unit;
  readonly functionName: string;
  /** null: not in a method of C++. */
  readonly method: MethodContext | null;
  readonly build: CfgBuilder;
  readonly scopes: Scopes;
  readonly labels: Map<string, Label>;
  readonly jumps: Jumps[];
  readonly structs: Map<string, string>;
  readonly scalars: Map<string, string>;
  readonly pointees: Map<string, string>;
  /** Of members in the function's own text: what structOf has found. */
  readonly membersKnown: Map<SyntaxNode, string | null>;
  /** Where the text of the function begins in the file. */
  readonly start: number;
  /** The text that nodes refer to: the function's, or a macro expansion's. */
  text: string;
  /** In an expansion: where the outermost macro is used. */
  expandedAt: Span | null;
  /** In an expansion: the offset of the outermost macro's use. */
  usedAt: number;
  /** Macros being expanded, outermost first. */
  through: readonly string[];
  /** In the expansion of a macro that is the head of a statement: what stands behind the macro. */
  openBody: HeadedBody | null;
  /** Macro expansions so far. */
  expansionCount: number;
  statement(node: SyntaxNode): void;
  statements(nodes: readonly SyntaxNode[]): void;
  value(node: SyntaxNode, boundTo?: string): Temp;
  /** `this->name`; null: not a member. */
  member(node: SyntaxNode, name: string): Place | null;
  /** The struct that the result of a call points to; null when it is not known. */
  structOfCall(node: SyntaxNode): string | null;
}

export function textOf(lowering: Lowering, node: SyntaxNode): string {
  return lowering.text.slice(node.start, node.end);
}

/** The character at an offset, which may be another one in the text for the parser: a semicolon in a line break. */
export function writtenAt({ expandedAt, unit, start, text }: Lowering, offset: number): string {
  return (expandedAt === null ? unit.source.text[start + offset] : text[offset]) ?? '';
}

/** The text of a node in one line, cut to a length fit for a message. */
export function shortText(lowering: Lowering, node: SyntaxNode): string {
  const text = textOf(lowering, node).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

export function spanOf(lowering: Lowering, node: SyntaxNode): Span {
  return lowering.expandedAt ?? spanInFile(lowering, node.start, node.end);
}

/** Of offsets into the function's text. */
export function spanInFile({ unit, start }: Lowering, from: number, to: number): Span {
  return unit.source.span(start + from, start + to);
}

export function add(lowering: Lowering, node: SyntaxNode, kind: InstructionKind): void {
  // Not spread: of kinds so different, V8 makes slow dictionaries.
  lowering.build.add(Object.assign(kind, { at: spanOf(lowering, node) }));
}

export function constant(lowering: Lowering, node: SyntaxNode, value: number): Temp {
  const to = lowering.build.newTemp();
  add(lowering, node, { op: 'constant', to, value });
  return to;
}

export function opaque(lowering: Lowering, node: SyntaxNode, text: string | null): Temp {
  const to = lowering.build.newTemp();
  add(lowering, node, { op: 'opaque', to, text });
  return to;
}

/** The expression inside parentheses and casts. */
export function bare(node: SyntaxNode): SyntaxNode {
  let current = node;
  for (;;) {
    if (current.type === 'parenthesized_expression' && current.children.length === 1) {
      current = current.children[0]!;
    } else if (current.type === 'cast_expression') {
      current = child(current, 'value') ?? current;
      if (current.type === 'cast_expression' && child(current, 'value') === undefined)
        return current;
    } else return current;
  }
}

/** The struct that an expression is or points to; null when it is not known. */
export function structOf(lowering: Lowering, node: SyntaxNode): string | null {
  // Each place in a chain of members asks for those before it. A macro's tree may be used again, elsewhere.
  const isKept = node.type === 'field_expression' && lowering.expandedAt === null;
  const known = isKept ? lowering.membersKnown.get(node) : undefined;
  if (known !== undefined) return known;
  const { declarations } = lowering.unit;
  const found = ((): string | null => {
    switch (node.type) {
      case 'identifier': {
        const name = textOf(lowering, node);
        const local = lowering.scopes.lookup(name);
        if (local !== undefined) return local.struct;
        const owner = memberOwner(lowering, name);
        const ofMember = owner === null ? null : declarations.structs.get(owner)?.get(name)?.struct;
        return ofMember ?? declarations.variables.get(name) ?? null;
      }
      case 'new_expression': {
        const type = child(node, 'type');
        return type === undefined ? null : typeName(type, lowering.text);
      }
      case 'parenthesized_expression':
      case 'subscript_expression':
      case 'pointer_expression':
      case 'assignment_expression': {
        const inner =
          child(node, 'argument') ??
          child(node, 'left') ??
          (node.children.length === 1 ? node.children[0] : undefined);
        return inner === undefined ? null : structOf(lowering, inner);
      }
      case 'cast_expression': {
        const type = child(node, 'type');
        const name = type === undefined ? undefined : child(type, 'type');
        return name === undefined ? null : typeName(name, lowering.text);
      }
      case 'call_expression':
        return lowering.structOfCall(node);
      case 'field_expression': {
        const argument = child(node, 'argument');
        const field = child(node, 'field');
        if (argument === undefined || field === undefined) return null;
        const owner = structOf(lowering, argument);
        if (owner === null) return null;
        return declarations.structs.get(owner)?.get(textOf(lowering, field))?.struct ?? null;
      }
      default:
        return null;
    }
  })();
  const struct = canonicalStruct(found, declarations);
  if (isKept) lowering.membersKnown.set(node, struct);
  return struct;
}

/** Whether a place is an array, which as a value is its own address. */
export function isArrayPlace(lowering: Lowering, node: SyntaxNode): boolean {
  const inner = node.type === 'parenthesized_expression' ? bare(node) : node;
  if (inner.type === 'identifier') {
    const name = textOf(lowering, inner);
    const local = lowering.scopes.lookup(name);
    if (local !== undefined) return local.isArray;
    const owner = memberOwner(lowering, name);
    if (owner === null) return lowering.unit.declarations.arrays.has(name);
    return lowering.unit.declarations.structs.get(owner)?.get(name)?.isArray ?? false;
  }
  if (inner.type !== 'field_expression') return false;
  const argument = child(inner, 'argument');
  const field = child(inner, 'field');
  if (argument === undefined || field === undefined) return false;
  const owner = structOf(lowering, argument);
  if (owner === null) return false;
  const member = lowering.unit.declarations.structs.get(owner)?.get(textOf(lowering, field));
  return member?.isArray ?? false;
}

/**
 * The class that declares a member which a method calls by its name alone; of a class with bases out of
 * view, the class itself.
 */
export function memberOwner(lowering: Lowering, name: string): string | null {
  const { method, unit } = lowering;
  if (method === null || name === 'this') return null;
  const { structs, functions, enumerators } = unit.declarations;
  const owner = method.names.find((c) => structs.get(c)?.has(name) === true);
  if (owner !== undefined) return owner;
  const { statics } = unit.declarations.cxx;
  if (method.names.some((c) => statics.has(`${c}::${name}`))) return null;
  if (method.isWhole || functions.has(name) || enumerators.has(name)) return null;
  return apiRow(name) === undefined ? method.struct : null;
}

export function rootLocal(place: Place): string | null {
  let current = place;
  while (current.kind === 'field' || current.kind === 'element') current = current.base;
  return current.kind === 'local' ? current.name : null;
}
