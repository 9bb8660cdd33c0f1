// Lowers C statements to basic blocks: all of C's, labels and goto, and preprocessor conditionals as
// branches on symbolic conditions.
import type { Span } from '../../simulator/flagged-path.ts';
import { conditionOf } from '../preprocess/macros.ts';
import { child, childrenOf, type SyntaxNode, walk } from '../syntax/node.ts';
import {
  add,
  bare,
  CannotLower,
  type Jumps,
  type Lowering,
  shortText,
  spanInFile,
  spanOf,
  textOf,
} from './context.ts';
import { callCleanups, giveAwayCleaned } from './cleanup-attribute.ts';
import { lowerCxxStatement } from './lower-cxx.ts';
import { apiRow } from '../knowledge/row.ts';
import { lowerBareCall } from './lower-call.ts';
import { lowerDeclaration } from './lower-declaration.ts';
import { headCall, headedBlock, isOpenEnd, lowerMacroHead } from './lower-macro-head.ts';
import { branchOnPreprocessor } from './lower-preprocessor.ts';
import { expandMacroMarker } from './lower-macro.ts';
import { lowerCondition } from './lower-condition.ts';
import type { BlockIndex } from './instruction.ts';

export function lowerStatement(lowering: Lowering, node: SyntaxNode): void {
  const { build } = lowering;
  switch (node.type) {
    case 'comment':
    case 'preproc_def':
    case 'preproc_function_def':
    case 'preproc_call':
    case 'preproc_include':
    case 'type_definition':
    case 'struct_specifier':
    case 'union_specifier':
    case 'enum_specifier':
    case 'static_assert_declaration':
      return;
    case 'compound_statement':
      lowering.scopes.push();
      lowerAll(lowering, node.children);
      callCleanups(lowering, endOf(lowering, node), lowering.scopes.depth - 1);
      endScope(lowering, node);
      lowering.scopes.pop();
      return;
    case 'declaration':
      lowerDeclaration(lowering, node);
      return;
    case 'expression_statement': {
      const expression = node.children.find((c) => c.type !== 'comment');
      if (lowering.openBody !== null && isOpenEnd(node, lowering.text)) lowering.openBody();
      else if (expression?.type === 'identifier') lowerName(lowering, expression);
      else if (expression !== undefined && !expandMacroMarker(lowering, node)) {
        lowering.value(expression);
      }
      return;
    }
    case 'if_statement':
      lowerIf(lowering, node);
      return;
    case 'else_clause':
      lowerAll(lowering, node.children);
      return;
    case 'while_statement':
    case 'do_statement':
    case 'for_statement':
      lowerLoop(lowering, node);
      return;
    case 'switch_statement':
      lowerSwitch(lowering, node);
      return;
    case 'case_statement':
      lowerCase(lowering, node);
      return;
    case 'labeled_statement': {
      const label = child(node, 'label');
      build.flowInto(labelBlock(lowering, label === undefined ? '' : textOf(lowering, label)));
      lowerAll(
        lowering,
        node.children.filter((c) => c !== label),
      );
      return;
    }
    case 'goto_statement': {
      const label = child(node, 'label');
      giveAwayCleaned(lowering, node);
      build.goto(labelBlock(lowering, label === undefined ? '' : textOf(lowering, label)));
      build.start(build.newBlock());
      return;
    }
    case 'break_statement':
      jump(lowering, node, (jumps) => jumps.breakTo);
      return;
    case 'continue_statement':
      jump(lowering, node, (jumps) => jumps.continueTo);
      return;
    case 'return_statement': {
      const expression = node.children.find((c) => c.type !== 'comment');
      const value = expression === undefined ? null : lowering.value(expression);
      const text = expression === undefined ? '' : shortText(lowering, expression);
      callCleanups(lowering, spanOf(lowering, node), 0);
      build.end({ kind: 'return', at: spanOf(lowering, node), value, text });
      build.start(build.newBlock());
      return;
    }
    case 'preproc_if':
    case 'preproc_ifdef':
    case 'preproc_elif':
    case 'preproc_elifdef':
      lowerConditional(lowering, node);
      return;
    case 'preproc_else':
    case 'attributed_statement':
      lowerAll(lowering, node.children);
      return;
    case 'seh_try_statement': {
      // Microsoft's __try; its handlers run for faults of the hardware.
      const body = child(node, 'body');
      if (body !== undefined) lowering.statement(body);
      return;
    }
    case 'macro_type_specifier':
      if (!expandMacroMarker(lowering, node)) lowering.value(node);
      return;
    case 'type_identifier':
      // A marker with a semicolon looks like a declaration of nothing.
      lowering.value(node);
      return;
    case 'gnu_asm_expression':
    case 'attribute_declaration':
    case 'attribute_specifier':
      return;
    case 'ERROR':
      lowerError(lowering, node);
      return;
    default: {
      if (lowerCxxStatement(lowering, node)) return;
      const headed = headedBlock(node);
      if (headed !== null) {
        lowerWithHead(lowering, headed.call, headed.body);
        return;
      }
      // An expression where the grammar wants a statement, e.g. before a missing semicolon.
      if (/_expression$|^identifier$|_literal$/.test(node.type)) lowering.value(node);
      else {
        throw new CannotLower(
          `unexpected ${node.type} at line ${spanOf(lowering, node).line} near “${shortText(lowering, node)}”`,
        );
      }
    }
  }
}

/** Stray tokens are survived; an error that holds statements or braces may hide control flow. */
function lowerError(lowering: Lowering, node: SyntaxNode): void {
  const text = textOf(lowering, node);
  const harmless =
    /^[\w\s*,;]*$/.test(text) && !/\b(if|else|for|while|do|switch|case|return|goto)\b/.test(text);
  if (!harmless) {
    throw new CannotLower(
      `syntax error at line ${spanOf(lowering, node).line} near “${shortText(lowering, node)}”`,
    );
  }
  // A macro that has its statement on the same line: `END_WAIT return x;`.
  for (const part of node.children) {
    if (part.type !== 'identifier' && part.type !== 'type_identifier') continue;
    if (/^[A-Z][A-Z0-9_]+$/.test(textOf(lowering, part))) lowerName(lowering, part);
  }
}

/** A name alone is a macro. One that is out of view may do anything. */
function lowerName(lowering: Lowering, name: SyntaxNode): void {
  const text = textOf(lowering, name);
  const isUnknown =
    /^[A-Z][A-Z0-9_]+$/.test(text) &&
    lowering.scopes.lookup(text) === undefined &&
    apiRow(text) === undefined &&
    (lowering.unit.macros.get(text)?.length ?? 0) === 0;
  if (isUnknown) lowerBareCall(lowering, name);
  else lowering.value(name);
}

function lowerAll(lowering: Lowering, nodes: readonly SyntaxNode[]): void {
  for (let i = 0; i < nodes.length; i++) {
    const call = headCall(lowering, nodes[i]!);
    const next = nodes.findIndex((node, at) => at > i && node.type !== 'comment');
    const body = nodes[next];
    if (call !== null && body !== undefined) {
      lowerWithHead(lowering, call, body);
      i = next;
    } else lowering.statement(nodes[i]!);
  }
}

/** `NAME(…) { … }`: a loop if the macro is the head of one, else two statements. */
function lowerWithHead(lowering: Lowering, call: SyntaxNode, body: SyntaxNode): void {
  const lowerBody = (): void => lowering.statement(body);
  if (lowerMacroHead(lowering, call, lowerBody)) return;
  lowering.value(call);
  lowerBody();
}

function labelBlock(lowering: Lowering, label: string): BlockIndex {
  const known = lowering.labels.get(label);
  if (known !== undefined) return known;
  const block = lowering.build.newBlock();
  lowering.labels.set(label, block);
  return block;
}

function jump(
  lowering: Lowering,
  node: SyntaxNode,
  target: (jumps: Jumps) => BlockIndex | null,
): void {
  const to = lowering.jumps.findLast((jumps) => target(jumps) !== null);
  const block = to === undefined ? null : target(to);
  if (to === undefined || block === null) lowering.build.end({ kind: 'stop' });
  else {
    callCleanups(lowering, spanOf(lowering, node), to.depth);
    for (const local of lowering.scopes.pointers(to.depth)) {
      add(lowering, node, { op: 'end-scope', local });
    }
    lowering.build.goto(block);
  }
  lowering.build.start(lowering.build.newBlock());
}

function lowerIf(lowering: Lowering, node: SyntaxNode): void {
  const { build } = lowering;
  const condition = child(node, 'condition');
  const consequence = child(node, 'consequence');
  const alternative = child(node, 'alternative');
  if (condition === undefined) throw new CannotLower('an if without a condition');
  const whenTrue = build.newBlock();
  const whenFalse = build.newBlock();
  const after = build.newBlock();
  lowering.scopes.push();
  lowerCondition(lowering, condition, whenTrue, whenFalse);
  build.start(whenTrue);
  if (consequence !== undefined) lowering.statement(consequence);
  build.goto(after);
  build.start(whenFalse);
  if (alternative !== undefined) lowering.statement(alternative);
  lowering.scopes.pop();
  build.flowInto(after);
}

function lowerLoop(lowering: Lowering, node: SyntaxNode): void {
  const { build } = lowering;
  const condition = child(node, 'condition');
  const body = child(node, 'body');
  const test = build.newBlock();
  const start = build.newBlock();
  const update = build.newBlock();
  const after = build.newBlock();
  lowering.scopes.push();
  const initializer = child(node, 'initializer');
  if (initializer !== undefined) lowering.statement(initializer);
  build.flowInto(node.type === 'do_statement' ? start : test);
  if (node.type !== 'do_statement') {
    if (condition === undefined) build.goto(start);
    else lowerCondition(lowering, condition, start, after);
    build.start(start);
  }
  const { depth } = lowering.scopes;
  lowering.jumps.push({ breakTo: after, continueTo: update, depth, cases: null });
  if (body !== undefined) lowering.statement(body);
  lowering.jumps.pop();
  build.flowInto(update);
  for (const part of childrenOf(node, 'update')) lowering.value(part);
  if (node.type === 'do_statement' && condition !== undefined) {
    lowerCondition(lowering, condition, start, after);
  } else {
    build.goto(test);
  }
  lowering.scopes.pop();
  build.start(after);
}

function lowerSwitch(lowering: Lowering, node: SyntaxNode): void {
  const { build } = lowering;
  const condition = child(node, 'condition');
  const body = child(node, 'body');
  if (condition === undefined || body === undefined) throw new CannotLower('an incomplete switch');
  const value = lowering.value(condition);
  const dispatch = build.newBlock();
  const after = build.newBlock();
  build.flowInto(dispatch);
  const cases: NonNullable<Jumps['cases']> = [];
  const { depth } = lowering.scopes;
  lowering.jumps.push({ breakTo: after, continueTo: null, depth, cases });
  build.start(build.newBlock());
  lowering.statement(body);
  build.goto(after);
  lowering.jumps.pop();
  build.start(dispatch);
  const labels = cases.flatMap(({ label, to }) =>
    label === null ? [] : [{ label: lowering.value(label), text: shortText(lowering, label), to }],
  );
  build.end({
    kind: 'switch',
    at: spanOf(lowering, condition),
    value,
    text: shortText(lowering, bare(condition)),
    cases: labels,
    otherwise: cases.find((c) => c.label === null)?.to ?? after,
  });
  build.start(after);
}

function lowerCase(lowering: Lowering, node: SyntaxNode): void {
  const cases = lowering.jumps.findLast((j) => j.cases !== null)?.cases;
  const value = child(node, 'value');
  const block = lowering.build.newBlock();
  lowering.build.flowInto(block);
  cases?.push({ label: value ?? null, to: block });
  lowerAll(
    lowering,
    node.children.filter((c) => c !== value),
  );
}

/** What a block declares is gone after it; in a function body the ways out say so. */
function endScope(lowering: Lowering, node: SyntaxNode): void {
  if (lowering.scopes.depth < 3) return;
  const at = endOf(lowering, node);
  for (const local of lowering.scopes.pointers(lowering.scopes.depth - 1))
    lowering.build.add({ op: 'end-scope', at, local });
}

function endOf(lowering: Lowering, node: SyntaxNode): Span {
  const end = Math.max(node.start, node.end - 1);
  return lowering.expandedAt ?? spanInFile(lowering, end, node.end);
}

function twinLabels(
  lowering: Lowering,
  compiled: readonly SyntaxNode[],
  alternative: SyntaxNode,
): string[] {
  const others = new Set(labelsIn(lowering, [alternative]));
  const labels = labelsIn(lowering, compiled);
  return labels.filter((label) => others.has(label) && !lowering.labels.has(label));
}

function labelsIn(lowering: Lowering, nodes: readonly SyntaxNode[]): string[] {
  const labels: string[] = [];
  for (const root of nodes) {
    walk(root, (node) => {
      const label = node.type === 'labeled_statement' ? child(node, 'label') : undefined;
      if (label !== undefined) labels.push(textOf(lowering, label));
      return undefined;
    });
  }
  return labels;
}

function lowerConditional(lowering: Lowering, node: SyntaxNode): void {
  const { build } = lowering;
  const alternative = child(node, 'alternative');
  const whenCompiled = build.newBlock();
  const otherwise = build.newBlock();
  const after = build.newBlock();
  branchOnPreprocessor(lowering, node, conditionOf(node, lowering.text), whenCompiled, otherwise);
  build.start(whenCompiled);
  const compiled = node.children.filter((c) => c.field === '');
  // Each alternative may have a label of the same name.
  const twins = alternative === undefined ? [] : twinLabels(lowering, compiled, alternative);
  lowerAll(lowering, compiled);
  for (const label of twins) lowering.labels.delete(label);
  build.goto(after);
  build.start(otherwise);
  if (alternative !== undefined) lowering.statement(alternative);
  build.flowInto(after);
}
