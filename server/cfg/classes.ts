// What C++ declares beyond C: classes with their bases, and how functions take their parameters. Templates
// are left out. Knows nothing of what functions do.
import { child, type SyntaxNode } from '../syntax/node.ts';
import { declaratorName, functionDeclarator, innerDeclarator } from './declarations.ts';

/** How a function is called. */
export interface Signature {
  /** Has a `this`; a static method has none. */
  readonly isMethod: boolean;
  /** Which function a call means is decided at run time, or by the types of its arguments. */
  readonly isOpen: boolean;
  /** Positions of parameters that are references, `this` not counted. */
  readonly references: readonly number[];
  readonly parameters: number;
  /** Of the parameter list: all that tells an overload of a C function from its declaration. */
  readonly stars: number;
}

export interface ClassFacts {
  /** As written, without namespaces; null: a base whose name says nothing. */
  readonly bases: readonly (string | null)[];
  /** Brings its own operator new or delete. */
  readonly hasOwnNew: boolean;
}

/** By name: `Foo::bar` for what a class declares. */
export interface CxxDeclarations {
  readonly classes: Map<string, ClassFacts>;
  readonly signatures: Map<string, Signature>;
  /** Data members that belong to the class, not to its objects: `Foo::limit`. */
  readonly statics: Set<string>;
}

export interface CxxTable {
  readonly classes: { get(name: string): ClassFacts | undefined };
  readonly signatures: { get(name: string): Signature | undefined };
  readonly statics: { has(name: string): boolean };
}

/** Deeper nesting of classes and namespaces is not followed. */
const MAX_DEPTH = 24;

export function collectClasses(root: SyntaxNode, text: string, into: CxxDeclarations): void {
  visit(root, { text, into, owner: null }, 0);
}

interface Context {
  readonly text: string;
  readonly into: CxxDeclarations;
  /** The class whose body is visited. */
  readonly owner: string | null;
}

function visit(node: SyntaxNode, context: Context, depth: number): void {
  if (depth > MAX_DEPTH) return;
  for (const item of node.children) {
    switch (item.type) {
      case 'class_specifier':
      case 'struct_specifier':
        visitClass(item, context, depth);
        break;
      case 'function_definition':
      case 'declaration':
      case 'field_declaration':
        for (const part of item.children) {
          if (/^(class|struct)_specifier$/.test(part.type)) visitClass(part, context, depth);
        }
        addSignatures(item, context);
        break;
      case 'type_definition':
      case 'namespace_definition':
      case 'declaration_list':
      case 'linkage_specification':
      case 'preproc_if':
      case 'preproc_ifdef':
      case 'preproc_else':
      case 'preproc_elif':
      case 'ERROR':
        visit(item, context, depth + 1);
    }
  }
}

function visitClass(node: SyntaxNode, context: Context, depth: number): void {
  const body = child(node, 'body');
  const nameNode = child(node, 'name');
  if (body === undefined || nameNode === undefined) return;
  const { text, into } = context;
  const name = lastName(nameNode, text);
  if (name === null) return;
  const clause = node.children.find((c) => c.type === 'base_class_clause');
  const bases = (clause?.children ?? [])
    .filter((c) => /^(type_identifier|qualified_identifier|template_type)$/.test(c.type))
    .map((c) => lastName(c, text));
  const written = text.slice(body.start, body.end);
  into.classes.set(name, { bases, hasOwnNew: /\boperator\s+(new|delete)\b/.test(written) });
  visit(body, { ...context, owner: name }, depth + 1);
}

function addSignatures(node: SyntaxNode, { text, into, owner }: Context): void {
  const isStatic = node.children.some(
    (c) => c.type === 'storage_class_specifier' && text.slice(c.start, c.end) === 'static',
  );
  const first = child(node, 'declarator')?.start ?? node.start;
  const isVirtual = /\bvirtual\b/.test(text.slice(node.start, first));
  for (const part of node.children) {
    if (part.field !== 'declarator') continue;
    const declarator = functionDeclaratorIn(part);
    if (declarator === null && isStatic && owner !== null) {
      const member = declaratorName(part, text);
      if (member !== null) into.statics.add(`${owner}::${member}`);
    }
    const written = declarator === null ? null : methodName(declarator, text);
    if (declarator === null || written === null) continue;
    const name = owner === null ? written : `${owner}::${written}`;
    const signature = signatureOf(declarator, text);
    const known = into.signatures.get(name);
    // A definition outside of its class repeats neither `static` nor `virtual`.
    const isRepeated = owner === null && written.includes('::');
    const overrides = /\b(override|final)\b/.test(text.slice(declarator.start, declarator.end));
    const isOverloaded =
      known !== undefined &&
      (known.parameters !== signature.parameters ||
        known.references.join() !== signature.references.join());
    into.signatures.set(name, {
      parameters: signature.parameters,
      references: signature.references,
      stars: signature.stars,
      isMethod: isRepeated ? (known?.isMethod ?? true) : owner !== null && !isStatic,
      isOpen: isVirtual || isOverloaded || overrides || known?.isOpen === true,
    });
  }
}

function signatureOf(
  declarator: SyntaxNode,
  text: string,
): Pick<Signature, 'references' | 'parameters' | 'stars'> {
  const list = child(declarator, 'parameters')?.children ?? [];
  const parameters = list.filter((c) => c.type === 'parameter_declaration');
  const isVoid = parameters.length === 1 && /^\s*void\s*$/.test(textOf(parameters[0]!, text));
  const references = parameters.flatMap((p, i) => (isReference(child(p, 'declarator')) ? [i] : []));
  const stars = parameters.reduce((n, p) => n + starsIn(textOf(p, text)), 0);
  return { references, parameters: isVoid ? 0 : parameters.length, stars };
}

function textOf(node: SyntaxNode, text: string): string {
  return text.slice(node.start, node.end);
}

export function starsIn(text: string): number {
  return text.split('*').length - 1;
}

/** Whether a declarator declares a reference. */
export function isReference(declarator: SyntaxNode | undefined): boolean {
  for (let current = declarator; current !== undefined; ) {
    if (/^(abstract_)?reference_declarator$/.test(current.type)) return true;
    current =
      innerDeclarator(current) ?? current.children.find((c) => c.type.endsWith('declarator'));
  }
  return false;
}

function functionDeclaratorIn(node: SyntaxNode): SyntaxNode | null {
  let current: SyntaxNode | undefined = node;
  while (current !== undefined && current.type !== 'function_declarator') {
    current =
      innerDeclarator(current) ?? current.children.find((c) => c.type.endsWith('declarator'));
  }
  if (current === undefined) return null;
  // `void (*f)(int)` is a variable.
  return child(current, 'declarator')?.type === 'parenthesized_declarator' ? null : current;
}

/** `bar`, `Foo::bar`, `Foo::~Foo`, without namespaces; null: an operator, or not known. */
export function methodName(declarator: SyntaxNode, text: string): string | null {
  const name = child(declarator, 'declarator');
  if (name === undefined) return null;
  return nameOf(name, text);
}

function nameOf(node: SyntaxNode, text: string): string | null {
  switch (node.type) {
    case 'identifier':
    case 'field_identifier':
    case 'type_identifier':
      return textOf(node, text);
    case 'destructor_name':
      return textOf(node, text).replace(/\s+/g, '');
    case 'qualified_identifier': {
      const inner = child(node, 'name');
      const scope = child(node, 'scope');
      if (inner === undefined) return null;
      if (inner.type === 'qualified_identifier') return nameOf(inner, text);
      const own = nameOf(inner, text);
      if (own === null || scope === undefined) return own;
      return /^\w+$/.test(textOf(scope, text)) ? `${textOf(scope, text)}::${own}` : null;
    }
    default:
      return null;
  }
}

/** The name of a type without namespaces; null: a template. */
export function lastName(type: SyntaxNode, text: string): string | null {
  if (type.type === 'qualified_identifier') {
    const inner = child(type, 'name');
    return inner === undefined ? null : lastName(inner, text);
  }
  return type.type.endsWith('identifier') ? textOf(type, text) : null;
}

/**
 * The name of a defined function, with its class; null: a template's, an operator. `MACRO(name)` where a
 * macro makes the head.
 */
export function definedName(
  definition: SyntaxNode,
  owner: string | null,
  text: string,
): string | null {
  const declarator = functionDeclarator(definition);
  // `class MARK Foo {` is taken for a function when the mark is not known.
  const isClass = child(definition, 'type')?.type.endsWith('_specifier') === true;
  const name =
    declarator === undefined
      ? isClass
        ? null
        : headOfMacro(definition, text)
      : methodName(declarator, text);
  if (name === null) return null;
  return owner === null ? name : `${owner}::${name}`;
}

/** `MODULE_INIT(name) {`: what the function is called is known when the macro is. */
function headOfMacro(definition: SyntaxNode, text: string): string | null {
  const declarator = child(definition, 'declarator');
  const name = declaratorName(declarator, text);
  const type = child(definition, 'type');
  if (name === null || type?.type !== 'type_identifier') return name;
  if (declarator?.type !== 'parenthesized_declarator') return name;
  return `${text.slice(type.start, type.end)}(${name})`;
}

/** `Foo` of `Foo::bar`. */
export function classOf(functionName: string): string | null {
  const at = functionName.lastIndexOf('::');
  return at < 0 ? null : functionName.slice(0, at);
}

/** The class and its bases, itself first; `isWhole`: each of them is known. */
export function lineage(
  name: string,
  table: CxxTable,
): { readonly names: readonly string[]; readonly isWhole: boolean } {
  const names: string[] = [];
  const pending: (string | null)[] = [name];
  let isWhole = true;
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    if (next === null || names.includes(next) || names.length > 16) {
      isWhole &&= next !== null;
      continue;
    }
    const facts = table.classes.get(next);
    if (facts === undefined) isWhole = false;
    else pending.push(...facts.bases);
    names.push(next);
  }
  return { names, isWhole };
}
