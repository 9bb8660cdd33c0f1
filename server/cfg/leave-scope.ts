// Where control leaves scopes: what their locals name with `__attribute__((cleanup(f)))` is called, f(&local), and
// the pointers that they declare are gone.
import type { Span } from '../../simulator/flagged-path.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import { add, type Lowering, spanInFile, spanOf } from './context.ts';
import { keepValue } from './give-away.ts';
import { type Local, sourceName } from './scope.ts';

/** The scope of the parameters, and that of the function's body. */
const IN_BODY = 2;

/** What is declared meanwhile is gone at the end of the node. */
export function inScope<T>(lowering: Lowering, node: SyntaxNode, lower: () => T): T {
  lowering.scopes.push();
  const result = lower();
  const end = Math.max(node.start, node.end - 1);
  const at = lowering.expandedAt ?? spanInFile(lowering, end, node.end);
  leaveScopes(lowering, at, lowering.scopes.depth - 1);
  lowering.scopes.pop();
  return result;
}

/** The scopes from this depth on. Of pointers in a function body the ways out say that they are gone. */
export function leaveScopes(lowering: Lowering, at: Span, depth: number): void {
  callCleanups(lowering, at, lowering.scopes.withCleanup(depth));
  if (depth < IN_BODY) return;
  for (const local of lowering.scopes.pointers(depth)) {
    lowering.build.add({ op: 'end-scope', at, local });
  }
}

/** `alive`: the locals of the label with a cleanup; null: it comes later. */
export function leaveByGoto(
  lowering: Lowering,
  node: SyntaxNode,
  alive: readonly string[] | null,
): void {
  const { scopes, build } = lowering;
  if (alive !== null) {
    const left = scopes.withCleanup(0).filter(({ name }) => !alive.includes(name));
    callCleanups(lowering, spanOf(lowering, node), left);
    return;
  }
  // Incomplete: how many scopes it leaves is not known, so what they clean up is given away.
  for (const { name } of scopes.withCleanup(IN_BODY)) {
    const to = build.newTemp();
    add(lowering, node, { op: 'load', to, from: { kind: 'local', name }, text: '' });
    keepValue(lowering, node, to);
  }
}

function callCleanups({ build, through }: Lowering, at: Span, locals: readonly Local[]): void {
  for (const { name, cleanup } of locals) {
    if (cleanup === null) continue;
    const value = build.newTemp();
    const of = { kind: 'local', name } as const;
    build.add({ op: 'address', at, to: value, of, inside: false });
    build.add({
      op: 'call',
      at,
      to: build.newTemp(),
      callee: { kind: 'function', name: cleanup },
      arguments: [{ value, text: `&${sourceName(name)}`, place: null }],
      through,
      calleeSpan: null,
      boundTo: '',
    });
  }
}
