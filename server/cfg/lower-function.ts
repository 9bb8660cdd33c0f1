// A function definition -> its control-flow graph. Throws CannotLower or TooLarge for a function that
// cannot be analyzed; everything else about bad C is survived.
import { child, type SyntaxNode } from '../syntax/node.ts';
import { CfgBuilder } from './builder.ts';
import { isReference } from './classes.ts';
import {
  CannotLower,
  type Lowering,
  spanInFile,
  spanOf,
  structOf,
  textOf,
  type Unit,
} from './context.ts';
import {
  canonicalStruct,
  declaratorName,
  functionDeclarator,
  isSinglePointer,
  typeName,
} from './declarations.ts';
import type { Cfg, Parameter } from './instruction.ts';
import { lowerFieldInitializers } from './lower-cxx.ts';
import { lowerValue } from './lower-expression.ts';
import { memberPlace, methodContext } from './lower-method.ts';
import { askExpansion } from './lower-macro.ts';
import { lowerStatement, lowerStatements } from './lower-statement.ts';
import { Scopes } from './scope.ts';

/** `start`: where the text begins in the file. */
export function lowerFunction(
  unit: Unit,
  name: string,
  { text, start, node: definition }: { text: string; start: number; node: SyntaxNode },
): Cfg {
  const declarator = functionDeclarator(definition) ?? macroHead(definition);
  const body = child(definition, 'body');
  if (declarator === undefined || body === undefined) {
    throw new CannotLower('not a function definition');
  }
  const lowering: Lowering = {
    unit,
    functionName: name,
    method: methodContext({ unit, functionName: name }),
    build: new CfgBuilder(),
    scopes: new Scopes(),
    labels: new Map(),
    jumps: [],
    structs: new Map(),
    scalars: new Map(),
    pointees: new Map(),
    membersKnown: new Map(),
    start,
    text,
    expandedAt: null,
    usedAt: 0,
    through: [],
    openBody: null,
    expansionCount: 0,
    statement: (node) => lowerStatement(lowering, node),
    statements: (nodes) => lowerStatements(lowering, nodes),
    value: (node, boundTo) => lowerValue(lowering, node, boundTo),
    member: (node, member) => memberPlace(lowering, node, member),
    structOfCall: (node) => structOfCall(lowering, node),
  };
  const parameters = [
    ...declareThis(lowering, declarator),
    ...declareParameters(lowering, child(declarator, 'parameters')),
  ];
  const initializers = definition.children.find((c) => c.type === 'field_initializer_list');
  if (initializers !== undefined) lowerFieldInitializers(lowering, initializers);
  lowering.statement(body);
  const end = spanInFile(lowering, Math.max(body.start, body.end - 1), body.end);
  lowering.build.end({ kind: 'return', at: end, value: null, text: '' });
  return {
    name,
    isStatic: definition.children.some(
      (c) => c.type === 'storage_class_specifier' && textOf(lowering, c) === 'static',
    ),
    at: spanInFile(lowering, declarator.start, declarator.end),
    parameters,
    blocks: lowering.build.finish(),
    temps: lowering.build.temps,
    structs: lowering.structs,
    scalars: lowering.scalars,
    pointees: lowering.pointees,
  };
}

/** `MODINIT(name) { … }`: a macro that makes the head; its parameters, if any, are not known. */
function macroHead(definition: SyntaxNode): SyntaxNode | undefined {
  const declarator = child(definition, 'declarator');
  return declarator?.type === 'parenthesized_declarator' ? declarator : undefined;
}

/** The object of a method is its first parameter. */
function declareThis(lowering: Lowering, declarator: SyntaxNode): Parameter[] {
  if (lowering.method === null) return [];
  const { struct } = lowering.method;
  const facts = {
    isArray: false,
    isPointer: true,
    isStatic: false,
    isReference: false,
    cleanup: null,
    struct,
  };
  const local = lowering.scopes.declare('this', facts).name;
  lowering.structs.set(local, struct);
  return [{ local, struct, pointsTo: struct, at: spanOf(lowering, declarator) }];
}

/** Of a macro that casts: what it casts to. Of a function: what it is declared to return. */
function structOfCall(lowering: Lowering, call: SyntaxNode): string | null {
  const name = child(call, 'function');
  if (name?.type !== 'identifier') return null;
  return (
    askExpansion(lowering, call, (expression) => structOf(lowering, expression)) ??
    lowering.unit.declarations.results.get(textOf(lowering, name)) ??
    null
  );
}

function declareParameters(lowering: Lowering, list: SyntaxNode | undefined): Parameter[] {
  const parameters: Parameter[] = [];
  for (const node of list?.children ?? []) {
    if (node.type !== 'parameter_declaration' && node.type !== 'identifier') continue;
    const declarator = node.type === 'identifier' ? node : child(node, 'declarator');
    const type = child(node, 'type');
    const written = declaratorName(declarator, lowering.text);
    const isVoid =
      written === null && declarator === undefined && /^void$/.test(textOf(lowering, node));
    if (isVoid) continue;
    const struct =
      type === undefined
        ? null
        : canonicalStruct(typeName(type, lowering.text), lowering.unit.declarations);
    const at = spanOf(lowering, node);
    const pointsTo = declarator !== undefined && isSinglePointer(declarator) ? struct : null;
    if (written === null) {
      parameters.push({ local: '', struct, pointsTo, at });
      continue;
    }
    // An array parameter is a pointer.
    const isReferred = isReference(declarator);
    const facts = {
      isArray: false,
      isPointer: /^(?:pointer|array)_declarator$/.test(declarator?.type ?? ''),
      isStatic: false,
      isReference: isReferred,
      cleanup: null,
      struct,
    };
    const local = lowering.scopes.declare(written, facts);
    if (struct !== null) lowering.structs.set(local.name, struct);
    parameters.push({ local: local.name, struct, pointsTo, at });
  }
  return parameters;
}
