// Branches on preprocessor conditions. Atoms are symbols that keep their value in the whole
// translation unit, so an allocation under `#ifdef X` meets only the release under the same `X`.
import { apiRow } from '../knowledge/row.ts';
import { type Condition, parseCondition } from '../preprocess/condition.ts';
import type { PreprocessorCondition } from '../preprocess/macros.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import { add, constant, type Lowering, opaque, spanOf } from './context.ts';
import type { BlockIndex, Temp } from './instruction.ts';

export function branchOnPreprocessor(
  lowering: Lowering,
  node: SyntaxNode,
  { text, holds }: PreprocessorCondition,
  whenCompiled: BlockIndex,
  otherwise: BlockIndex,
): void {
  const condition = parseCondition(text);
  const [whenTrue, whenFalse] = holds ? [whenCompiled, otherwise] : [otherwise, whenCompiled];
  if (condition.kind === 'and' || condition.kind === 'or') {
    branchOnWhole(lowering, node, condition, whenTrue, whenFalse);
  } else branch(lowering, node, condition, whenTrue, whenFalse);
}

/**
 * `A && B` is false in two ways, of which nothing is left where they meet: so the whole is a symbol, too, and
 * what contradicts it where it stands again is not gone on with.
 */
function branchOnWhole(
  lowering: Lowering,
  node: SyntaxNode,
  condition: Condition,
  whenTrue: BlockIndex,
  whenFalse: BlockIndex,
): void {
  const { build } = lowering;
  const [isTrue, isFalse, neither] = [build.newBlock(), build.newBlock(), build.newBlock()];
  branch(lowering, node, condition, isTrue, isFalse);
  const name = `#if ${textOf(condition)}`;
  const about = { at: spanOf(lowering, node), text: '', preprocessor: true };
  build.start(isTrue);
  build.branch(opaque(lowering, node, name), whenTrue, neither, about);
  build.start(isFalse);
  build.branch(opaque(lowering, node, name), neither, whenFalse, about);
  build.start(neither);
  build.end({ kind: 'stop' });
}

function branch(
  lowering: Lowering,
  node: SyntaxNode,
  condition: Condition,
  whenTrue: BlockIndex,
  whenFalse: BlockIndex,
): void {
  const { build } = lowering;
  switch (condition.kind) {
    case 'not':
      branch(lowering, node, condition.operand, whenFalse, whenTrue);
      return;
    case 'and':
    case 'or': {
      const second = build.newBlock();
      if (condition.kind === 'and') branch(lowering, node, condition.left, second, whenFalse);
      else branch(lowering, node, condition.left, whenTrue, second);
      build.start(second);
      branch(lowering, node, condition.right, whenTrue, whenFalse);
      return;
    }
    case 'atom':
    case 'number':
    case 'comparison': {
      build.branch(valueOf(lowering, node, condition), whenTrue, whenFalse, {
        at: spanOf(lowering, node),
        text: `#if ${textOf(condition)}`,
        preprocessor: true,
      });
    }
  }
}

type Test = Condition & { kind: 'atom' | 'number' | 'comparison' };

function valueOf(lowering: Lowering, node: SyntaxNode, test: Test): Temp {
  if (test.kind === 'number') return constant(lowering, node, test.value);
  if (test.kind === 'atom') {
    // A macro of Python.h is defined.
    const name = /^defined\((\w+)\)$/.exec(test.text)?.[1];
    if (name !== undefined && apiRow(name)?.kind === 'macro') return constant(lowering, node, 1);
    return opaque(lowering, node, `#if ${test.text}`);
  }
  const left = opaque(lowering, node, `#if ${test.left}`);
  const right = constant(lowering, node, test.right);
  const to = lowering.build.newTemp();
  add(lowering, node, {
    op: 'binary',
    to,
    operator: test.operator,
    movesPointer: false,
    left,
    right,
  });
  return to;
}

function textOf(test: Condition): string {
  switch (test.kind) {
    case 'and':
      return `(${textOf(test.left)} && ${textOf(test.right)})`;
    case 'or':
      return `(${textOf(test.left)} || ${textOf(test.right)})`;
    case 'not':
      return `!${textOf(test.operand)}`;
    case 'atom':
      return test.text;
    case 'number':
      return String(test.value);
    case 'comparison':
      return `${test.left} ${test.operator} ${test.right}`;
  }
}
