// Branches on preprocessor conditions. Atoms are symbols that keep their value in the whole
// translation unit, so an allocation under `#ifdef X` meets only the release under the same `X`.
import { type Condition, conditionText, parseCondition } from '../preprocess/condition.ts';
import type { PreprocessorCondition } from '../preprocess/macros.ts';
import { type Meanings, meaningsAt } from '../preprocess/switches.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import { add, constant, type Lowering, opaque, spanOf } from './context.ts';
import type { BlockIndex, Temp } from './instruction.ts';

/** What is asked, where; `through`: the switches whose meaning it is, outermost first. */
interface Question {
  readonly lowering: Lowering;
  readonly node: SyntaxNode;
  readonly meanings: Meanings;
  readonly through: readonly string[];
}

/** Where control goes on; both are blocks of the caller. */
type Ways = readonly [whenTrue: BlockIndex, whenFalse: BlockIndex];

export function branchOnPreprocessor(
  lowering: Lowering,
  node: SyntaxNode,
  { text, holds }: PreprocessorCondition,
  whenCompiled: BlockIndex,
  otherwise: BlockIndex,
): void {
  const ways: Ways = holds ? [whenCompiled, otherwise] : [otherwise, whenCompiled];
  const { macros, source } = lowering.unit;
  const offset = lowering.expandedAt === null ? lowering.start + node.start : lowering.usedAt;
  const meanings = meaningsAt(macros, { file: source.file, offset });
  branchOnWhole({ lowering, node, meanings, through: [] }, parseCondition(text), ways);
}

function branchOnWhole(question: Question, condition: Condition, ways: Ways): void {
  const [whenTrue, whenFalse] = ways;
  switch (condition.kind) {
    case 'not':
      branchOnWhole(question, condition.operand, [whenFalse, whenTrue]);
      return;
    case 'and':
    case 'or':
      branchOnParts(question, { condition, text: '' }, ways, (inner) =>
        branch(question, condition, inner),
      );
      return;
    case 'atom':
    case 'number':
    case 'comparison':
      branch(question, condition, ways);
  }
}

/**
 * `A && B` is false in two ways, of which nothing is left where they meet: so the whole is a symbol, too, and
 * what contradicts it where it stands again is not gone on with.
 */
function branchOnParts(
  { lowering, node }: Question,
  { condition, text }: { readonly condition: Condition; readonly text: string },
  [whenTrue, whenFalse]: Ways,
  lowerParts: (ways: Ways) => void,
): void {
  const { build } = lowering;
  const [isTrue, isFalse, neither] = [build.newBlock(), build.newBlock(), build.newBlock()];
  lowerParts([isTrue, isFalse]);
  const about = { at: spanOf(lowering, node), text, preprocessor: true };
  build.start(isTrue);
  build.branch(symbolOf(lowering, node, condition), whenTrue, neither, about);
  build.start(isFalse);
  build.branch(symbolOf(lowering, node, condition), neither, whenFalse, about);
  build.start(neither);
  build.end({ kind: 'stop' });
}

function branch(question: Question, condition: Condition, ways: Ways): void {
  const { lowering, node, meanings, through } = question;
  const { build } = lowering;
  const [whenTrue, whenFalse] = ways;
  switch (condition.kind) {
    case 'not':
      branch(question, condition.operand, [whenFalse, whenTrue]);
      return;
    case 'and':
    case 'or': {
      const second = build.newBlock();
      const isAnd = condition.kind === 'and';
      branch(question, condition.left, isAnd ? [second, whenFalse] : [whenTrue, second]);
      build.start(second);
      branch(question, condition.right, ways);
      return;
    }
    case 'atom':
    case 'number':
    case 'comparison': {
      // A path is told in the words of the text.
      const text = through.length === 0 ? `#if ${conditionText(condition)}` : '';
      const meaning = condition.kind === 'number' ? null : meanings(condition, through);
      if (meaning === null) {
        const about = { at: spanOf(lowering, node), text, preprocessor: true };
        build.branch(symbolOf(lowering, node, condition), whenTrue, whenFalse, about);
        return;
      }
      const within = { ...question, through: [...through, conditionText(condition)] };
      branchOnParts(question, { condition, text }, ways, (inner) =>
        branchOnWhole(within, meaning, inner),
      );
    }
  }
}

/** The same wherever the condition is asked. */
function symbolOf(lowering: Lowering, node: SyntaxNode, test: Condition): Temp {
  if (test.kind === 'number') return constant(lowering, node, test.value);
  if (test.kind !== 'comparison') return opaque(lowering, node, `#if ${conditionText(test)}`);
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
