// What the declarations of a file say: structs and their members, typedefs, enumerators, functions.
import { child, childOfType, type SyntaxNode, walk } from '../syntax/node.ts';
import type { CxxDeclarations, CxxTable } from './classes.ts';
import { addEnumerators, type Enumerators } from './enumerators.ts';

export interface StructMember {
  /** The struct the member is or points to; null when it is none. */
  readonly struct: string | null;
  readonly isArray: boolean;
}

export interface Declarations {
  readonly structs: Map<string, Map<string, StructMember>>;
  readonly unions: Set<string>;
  /** typedef name -> struct tag or other typedef. */
  readonly aliases: Map<string, string>;
  /** Names that typedefs declare. */
  readonly types: Set<string>;
  readonly enumerators: Enumerators;
  readonly functions: Set<string>;
  /** Variables at file level that are arrays. */
  readonly arrays: Set<string>;
  /** Empty for C. */
  readonly cxx: CxxDeclarations;
  /** Function -> the struct or typedef that its result is or points to. */
  readonly results: Map<string, string>;
  /** Variable at file level -> the struct or typedef that it is or points to. */
  readonly variables: Map<string, string>;
}

/** The declarations that a function sees, its file's and those of the headers. */
export interface DeclarationTable {
  readonly structs: { get(name: string): ReadonlyMap<string, StructMember> | undefined };
  readonly unions: { has(name: string): boolean };
  readonly aliases: { get(name: string): string | undefined };
  readonly types: { has(name: string): boolean };
  readonly enumerators: {
    has(name: string): boolean;
    /** null: its value is not known. */
    valueOf(name: string): number | null;
  };
  readonly functions: { has(name: string): boolean };
  readonly arrays: { has(name: string): boolean };
  readonly cxx: CxxTable;
  readonly results: { get(name: string): string | undefined };
  readonly variables: { get(name: string): string | undefined };
}

export function emptyDeclarations(): Declarations {
  return {
    structs: new Map(),
    unions: new Set(),
    aliases: new Map(),
    types: new Set(),
    enumerators: new Map(),
    functions: new Set(),
    arrays: new Set(),
    cxx: { classes: new Map(), signatures: new Map(), statics: new Set() },
    results: new Map(),
    variables: new Map(),
  };
}

/** Adds what the file declares at any level; function bodies are not entered. */
export function collectDeclarations(root: SyntaxNode, text: string, into: Declarations): void {
  walk(root, (node) => {
    switch (node.type) {
      case 'compound_statement':
      case 'template_declaration':
        return false;
      case 'function_definition': {
        const name = declaratorName(child(node, 'declarator'), text);
        if (name !== null) addFunction(node, name, text, into);
        return undefined;
      }
      case 'enumerator_list':
        addEnumerators(node, text, into.enumerators);
        return false;
      case 'declaration': {
        for (const declarator of node.children) {
          if (declarator.field === 'declarator' && hasArray(declarator)) {
            const name = declaratorName(declarator, text);
            if (name !== null) into.arrays.add(name);
          }
          if (
            declarator.type === 'function_declarator' ||
            declarator.type === 'pointer_declarator'
          ) {
            const name = functionName(declarator, text);
            if (name !== null) addFunction(node, name, text, into);
          }
        }
        addVariables(node, text, into);
        return undefined;
      }
      case 'struct_specifier':
      case 'class_specifier':
      case 'union_specifier':
        if (!isAnonymous(node, text)) addStruct(node, structName(node, text) ?? '', text, into);
        return undefined;
      case 'type_definition': {
        const type = child(node, 'type');
        if (type === undefined) return undefined;
        // `typedef struct { … } Name;`: the struct is known by the name of the type.
        if (isAnonymous(type, text)) {
          const name = declaratorName(child(node, 'declarator'), text);
          if (name !== null) {
            addStruct(type, name, text, into);
            into.types.add(name);
          }
          return undefined;
        }
        const target = typeName(type, text);
        for (const declarator of node.children) {
          if (declarator.field !== 'declarator') continue;
          const name = declaratorName(declarator, text);
          if (name === null) continue;
          into.types.add(name);
          if (target !== null && name !== target) into.aliases.set(name, target);
        }
        return undefined;
      }
      default:
        return undefined;
    }
  });
}

function addFunction(node: SyntaxNode, name: string, text: string, into: Declarations): void {
  into.functions.add(name);
  const type = child(node, 'type');
  const result = type === undefined ? null : typeName(type, text);
  if (result !== null) into.results.set(name, result);
}

function addVariables(node: SyntaxNode, text: string, into: Declarations): void {
  const type = child(node, 'type');
  // Of a type without a name the first variable is the name.
  let struct: string | null | undefined;
  for (const declarator of node.children) {
    if (type === undefined || declarator.field !== 'declarator') continue;
    const name = declaratorName(declarator, text);
    if (name === null || functionName(declarator, text) !== null) continue;
    struct ??= structOfType(type, name, text, into);
    if (struct !== null) into.variables.set(name, struct);
  }
}

/** `holder`: what has the type; a struct without a name is known by it. */
function structOfType(
  type: SyntaxNode,
  holder: string,
  text: string,
  into: Declarations,
): string | null {
  // Incomplete: of a union without a name nothing is known.
  if (!isAnonymous(type, text) || type.type === 'union_specifier') return typeName(type, text);
  const name = `of_${holder}`;
  addStruct(type, name, text, into);
  return name;
}

function addStruct(node: SyntaxNode, name: string, text: string, into: Declarations): void {
  const body = child(node, 'body');
  if (body === undefined) return;
  const members = into.structs.get(name) ?? new Map<string, StructMember>();
  walk(body, (field) => {
    if (field.type !== 'field_declaration' || isStatic(field, text)) return undefined;
    const type = child(field, 'type');
    let struct: string | null = null;
    for (const declarator of field.children) {
      if (declarator.field !== 'declarator' || isMethod(declarator)) continue;
      const member = declaratorName(declarator, text);
      if (member === null) continue;
      if (type !== undefined) struct ??= structOfType(type, `${name}_${member}`, text, into);
      members.set(member, { struct, isArray: hasArray(declarator) });
    }
    // Members of nested anonymous structs are members of their own.
    return undefined;
  });
  into.structs.set(name, members);
  if (node.type === 'union_specifier') into.unions.add(name);
}

/** Of C++: a member of the class, not of its objects. */
function isStatic(field: SyntaxNode, text: string): boolean {
  return field.children.some(
    (c) => c.type === 'storage_class_specifier' && text.slice(c.start, c.end) === 'static',
  );
}

/** `int get();` in a class; `int (*get)(void);` is a pointer. */
function isMethod(declarator: SyntaxNode): boolean {
  let current: SyntaxNode | undefined = declarator;
  while (current !== undefined && current.type !== 'function_declarator') {
    current = innerDeclarator(current);
  }
  return current !== undefined && child(current, 'declarator')?.type === 'field_identifier';
}

/** The name of the struct behind typedefs. */
export function canonicalStruct(
  name: string | null,
  declarations: DeclarationTable,
): string | null {
  let current = name;
  for (let hops = 0; current !== null && hops < 16; hops++) {
    const next = declarations.aliases.get(current);
    if (next === undefined) return current;
    current = next;
  }
  return current;
}

/** `struct foo`, `Foo`: the tag or the typedef name; null for basic types. */
export function typeName(type: SyntaxNode, text: string): string | null {
  switch (type.type) {
    case 'type_identifier':
      return text.slice(type.start, type.end);
    case 'struct_specifier':
    case 'class_specifier':
    case 'union_specifier':
      return structName(type, text);
    case 'qualified_identifier': {
      // `ns::Foo`
      const name = child(type, 'name');
      return name === undefined ? null : typeName(name, text);
    }
    default:
      return null;
  }
}

function isAnonymous(type: SyntaxNode, text: string): boolean {
  return /^(struct|class|union)_specifier$/.test(type.type) && structName(type, text) === null;
}

function structName(node: SyntaxNode, text: string): string | null {
  const name = child(node, 'name');
  return name === undefined ? null : text.slice(name.start, name.end);
}

/** The identifier inside a declarator. */
export function declaratorName(node: SyntaxNode | undefined, text: string): string | null {
  for (let current = node; current !== undefined; current = innerDeclarator(current)) {
    if (current.type.endsWith('identifier')) return text.slice(current.start, current.end);
  }
  return null;
}

function functionName(node: SyntaxNode, text: string): string | null {
  for (let current: SyntaxNode | undefined = node; current !== undefined; ) {
    if (current.type === 'function_declarator') return declaratorName(current, text);
    current = innerDeclarator(current);
  }
  return null;
}

export function innerDeclarator(node: SyntaxNode): SyntaxNode | undefined {
  return (
    child(node, 'declarator') ??
    (/^(parenthesized|attributed|reference)_declarator$/.test(node.type)
      ? node.children.find((c) => /declarator$|identifier$/.test(c.type))
      : undefined)
  );
}

/** `*p`, and neither `**p` nor `(*p)[8]`. */
export function isSinglePointer(declarator: SyntaxNode): boolean {
  const pointed = child(declarator, 'declarator');
  return declarator.type === 'pointer_declarator' && pointed?.type === 'identifier';
}

/** The name is that of an array: `char *p[8]` is one, `char (*p)[8]` points to one. */
export function hasArray(declarator: SyntaxNode): boolean {
  let closest: SyntaxNode | undefined;
  for (
    let current: SyntaxNode | undefined = declarator;
    current !== undefined;
    current = innerDeclarator(current)
  ) {
    if (/^(?:array|pointer|function)_declarator$/.test(current.type)) closest = current;
  }
  return closest?.type === 'array_declarator';
}

/** The function_declarator of a function definition. */
export function functionDeclarator(definition: SyntaxNode): SyntaxNode | undefined {
  for (
    let current = child(definition, 'declarator');
    current !== undefined;
    current = innerDeclarator(current)
  ) {
    if (current.type === 'function_declarator') return current;
  }
  return childOfType(definition, 'function_declarator');
}
