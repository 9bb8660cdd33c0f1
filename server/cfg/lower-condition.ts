// Lowers conditions to branches: short circuits, negation, and values that depend on a condition.
import { child, type SyntaxNode } from '../syntax/node.ts';
import { add, type Lowering, shortText, spanOf, textOf } from './context.ts';
import { innerDeclarator } from './declarations.ts';
import type { BlockIndex, Place, Temp } from './instruction.ts';
import { load } from './lower-place.ts';

/** Branches on an expression; both targets are new blocks of the caller. */
export function lowerCondition(
  lowering: Lowering,
  node: SyntaxNode,
  whenTrue: BlockIndex,
  whenFalse: BlockIndex,
): void {
  const { build } = lowering;
  let inner = node;
  while (inner.type === 'parenthesized_expression' && inner.children.length === 1) {
    inner = inner.children[0]!;
  }
  if (inner.type === 'condition_clause') {
    const tested = declaredCondition(lowering, inner);
    if (tested !== null) inner = tested;
  }
  const operatorNode = child(inner, 'operator');
  const operator = operatorNode === undefined ? '' : textOf(lowering, operatorNode);
  const left = child(inner, 'left');
  const right = child(inner, 'right');
  if (inner.type === 'binary_expression' && left !== undefined && right !== undefined) {
    if (operator === '&&' || operator === '||') {
      const second = build.newBlock();
      if (operator === '&&') lowerCondition(lowering, left, second, whenFalse);
      else lowerCondition(lowering, left, whenTrue, second);
      build.start(second);
      lowerCondition(lowering, right, whenTrue, whenFalse);
      return;
    }
  }
  const argument = child(inner, 'argument');
  if (inner.type === 'unary_expression' && operator === '!' && argument !== undefined) {
    lowerCondition(lowering, argument, whenFalse, whenTrue);
    return;
  }
  const condition = lowering.value(inner);
  build.branch(condition, whenTrue, whenFalse, {
    at: spanOf(lowering, inner),
    text: shortText(lowering, inner),
    preprocessor: false,
  });
}

/** `if (T *p = f())`, `if (int n = f(); n > 0)`: what is tested, once the declarations are lowered. */
function declaredCondition(lowering: Lowering, clause: SyntaxNode): SyntaxNode | null {
  const initializer = child(clause, 'initializer');
  const value = child(clause, 'value');
  if (initializer !== undefined) lowering.statement(initializer);
  if (value?.type !== 'declaration') return value ?? null;
  const parts = value.children.filter((c) => c.field === 'declarator' || c.field === 'value');
  const declarator: SyntaxNode = {
    ...value,
    type: 'init_declarator',
    field: 'declarator',
    children: parts,
  };
  const others = value.children.filter((c) => !parts.includes(c));
  lowering.statement({ ...value, children: [...others, declarator] });
  let name = child(declarator, 'declarator');
  while (name !== undefined && name.type !== 'identifier') name = innerDeclarator(name);
  return name ?? null;
}

interface Settle {
  whenTrue(value: () => Temp): void;
  whenFalse(value: () => Temp): void;
}

/** A value that depends on a condition goes through a local of its own. */
export function lowerChoice(
  lowering: Lowering,
  node: SyntaxNode,
  condition: SyntaxNode,
  fill: (settle: Settle) => void,
): Temp {
  const { build } = lowering;
  const result: Place = { kind: 'local', name: `?${build.newTemp()}` };
  const whenTrue = build.newBlock();
  const whenFalse = build.newBlock();
  const after = build.newBlock();
  lowerCondition(lowering, condition, whenTrue, whenFalse);
  const settle = (block: BlockIndex) => (value: () => Temp) => {
    build.start(block);
    add(lowering, node, { op: 'store', to: result, value: value(), text: '' });
    build.goto(after);
  };
  fill({ whenTrue: settle(whenTrue), whenFalse: settle(whenFalse) });
  build.start(after);
  return load(lowering, node, result, false);
}
