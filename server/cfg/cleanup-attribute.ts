// `__attribute__((cleanup(f)))` of GCC and Clang: f(&local) is called wherever the scope of the local is left.
import type { Span } from '../../simulator/flagged-path.ts';
import { attributeCleanup, cleanupMark } from '../preprocess/normalize.ts';
import { child, type SyntaxNode } from '../syntax/node.ts';
import { add, type Lowering } from './context.ts';
import { keepValue } from './give-away.ts';
import { sourceName } from './scope.ts';

const MARK = new RegExp(cleanupMark('(\\w+)').replace('/*', '/\\*'));
/** The scope of the parameters, and that of the function's body. */
const IN_BODY = 2;
const MAX_NESTED_MACROS = 4;

/** The function that a declaration names for one of its declarators; null: none. */
export function cleanupOf(
  lowering: Lowering,
  declaration: SyntaxNode,
  declarator: SyntaxNode,
): string | null {
  const { text } = lowering;
  // The parser does not see attributes: what stands before the declaration may belong to it.
  let from = declaration.start;
  while (from > 0 && !/[;{}]/.test(text[from - 1]!)) from--;
  const first = declaration.children.find((c) => c.field === 'declarator') ?? declarator;
  const head = text.slice(from, first.start);
  const tail = text.slice(declarator.start, endOf(lowering, declarator));
  for (const part of [head, tail]) {
    const named = MARK.exec(part)?.[1] ?? inMacros(lowering, part.replace(/\/\*.*?\*\//gs, ' '), 0);
    if (named !== null) return named;
  }
  return null;
}

/** Up to the initializer, or to what follows the declarator: `char *p AUTO_FREE;` */
function endOf(lowering: Lowering, declarator: SyntaxNode): number {
  const value = child(declarator, 'value');
  if (value !== undefined) return value.start;
  const end = /[;,=]/.exec(lowering.text.slice(declarator.end))?.index ?? 0;
  return declarator.end + end;
}

/** `AUTO_FREE`, or `CLEANUP(f)`: a macro that gives the attribute, perhaps through others. */
function inMacros(lowering: Lowering, text: string, depth: number): string | null {
  if (depth > MAX_NESTED_MACROS) return null;
  for (const [, name = '', given] of text.matchAll(/\b([A-Za-z_]\w*)(?:\s*\(\s*(\w+)\s*\))?/g)) {
    for (const { body, parameters } of lowering.unit.macros.get(name) ?? []) {
      const called = attributeCleanup(body) ?? inMacros(lowering, body, depth + 1);
      if (called !== null)
        return parameters?.[0] === called && given !== undefined ? given : called;
    }
  }
  return null;
}

/** Calls the functions of the scopes from this depth on, those of the last declarations first. */
export function callCleanups(lowering: Lowering, at: Span, depth: number): void {
  for (const { name, cleanup } of lowering.scopes.withCleanup(depth)) {
    if (cleanup === null) continue;
    const { build } = lowering;
    const value = build.newTemp();
    const of = { kind: 'local', name } as const;
    build.add({ op: 'address', at, to: value, of, inside: false });
    build.add({
      op: 'call',
      at,
      to: build.newTemp(),
      callee: { kind: 'function', name: cleanup },
      arguments: [{ value, text: `&${sourceName(name)}`, place: null }],
      through: lowering.through,
      calleeSpan: null,
      boundTo: '',
    });
  }
}

/** `goto` out of a block. Incomplete: how many scopes it leaves is not known, so what they clean up is given away. */
export function giveAwayCleaned(lowering: Lowering, node: SyntaxNode): void {
  for (const { name } of lowering.scopes.withCleanup(IN_BODY)) {
    const to = lowering.build.newTemp();
    add(lowering, node, { op: 'load', to, from: { kind: 'local', name }, text: '' });
    keepValue(lowering, node, to);
  }
}
