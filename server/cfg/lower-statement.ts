// Lowers C statements to basic blocks: all of C's, labels and goto, and preprocessor conditionals as
// branches on symbolic conditions.
import { conditionOf } from '../preprocess/macros.ts';
import { child, childrenOf, type SyntaxNode, walk } from '../syntax/node.ts';
import {
  bare,
  CannotLower,
  type Jumps,
  type Label,
  type Lowering,
  shortText,
  spanOf,
  textOf,
} from './context.ts';
import { inScope, leaveByGoto, leaveScopes } from './leave-scope.ts';
import { lowerCxxStatement } from './lower-cxx.ts';
import { apiRow } from '../knowledge/row.ts';
import { lowerBareCall } from './lower-call.ts';
import { lowerDeclaration } from './lower-declaration.ts';
import {
  hasOwnJump,
  headedBlock,
  headOf,
  lowerMacroHead,
  lowerOpenEnd,
} from './lower-macro-head.ts';
import { branchOnPreprocessor } from './lower-preprocessor.ts';
import { expandMacroMarker } from './lower-macro.ts';
import { lowerCondition } from './lower-condition.ts';
import { withSharedBodies } from './shared-body.ts';
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
      inScope(lowering, node, () => lowerStatements(lowering, node.children));
      return;
    case 'declaration':
      node.children.forEach((part) => refuseControl(lowering, part));
      lowerDeclaration(lowering, node);
      return;
    case 'expression_statement': {
      const expression = node.children.find((c) => c.type !== 'comment');
      if (lowerOpenEnd(lowering, node)) return;
      if (expression?.type === 'identifier') lowerName(lowering, expression);
      else if (expression !== undefined && !expandMacroMarker(lowering, node)) {
        lowering.value(expression);
      }
      return;
    }
    case 'if_statement':
      inScope(lowering, node, () => lowerIf(lowering, node));
      return;
    case 'else_clause':
      lowerStatements(lowering, node.children);
      return;
    case 'while_statement':
    case 'do_statement':
    case 'for_statement':
      inScope(lowering, node, () => lowerLoop(lowering, node));
      return;
    case 'switch_statement':
      lowerSwitch(lowering, node);
      return;
    case 'case_statement':
      lowerCase(lowering, node);
      return;
    case 'labeled_statement': {
      const label = child(node, 'label');
      const name = label === undefined ? '' : textOf(lowering, label);
      const { block } = labelNamed(lowering, name);
      const cleaned = lowering.scopes.withCleanup(0).map((local) => local.name);
      lowering.labels.set(name, { block, cleaned });
      build.flowInto(block);
      lowerStatements(
        lowering,
        node.children.filter((c) => c !== label),
      );
      return;
    }
    case 'goto_statement': {
      const label = child(node, 'label');
      const to = labelNamed(lowering, label === undefined ? '' : textOf(lowering, label));
      leaveByGoto(lowering, node, to.cleaned);
      build.goto(to.block);
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
      leaveScopes(lowering, spanOf(lowering, node), 0);
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
      lowerStatements(lowering, node.children);
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
        lowerWithHead(lowering, headed.call, [headed.body]);
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

const CONTROL = /\b(?:if|else|for|while|do|switch|case|return|goto|break|continue)\b/;

/** A part of a declaration that is a statement in truth: `UNKNOWN(x) return p;` */
function refuseControl(lowering: Lowering, part: SyntaxNode): void {
  const isBroken = part.type === 'ERROR' || part.type === 'identifier';
  if (isBroken && CONTROL.test(textOf(lowering, part))) throw syntaxError(lowering, part);
}

function syntaxError(lowering: Lowering, node: SyntaxNode): CannotLower {
  return new CannotLower(
    `syntax error at line ${spanOf(lowering, node).line} near “${shortText(lowering, node)}”`,
  );
}

/** Stray tokens are survived; an error that holds statements or braces may hide control flow. */
function lowerError(lowering: Lowering, node: SyntaxNode): void {
  const text = textOf(lowering, node);
  if (!/^[\w\s*,;]*$/.test(text) || CONTROL.test(text)) throw syntaxError(lowering, node);
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

/** Macros before one statement. */
const MAX_HEADS = 4;

export function lowerStatements(lowering: Lowering, nodes: readonly SyntaxNode[]): void {
  const statements = withSharedBodies(nodes.filter(({ type }) => type !== 'comment'));
  for (let i = 0; i < statements.length; i++) {
    const node = statements[i]!;
    const head = headOf(lowering, node);
    if (head === null) {
      lowering.statement(node);
      continue;
    }
    const first = i + 1;
    // What the macro heads may have such a head itself.
    do i++;
    while (i - first < MAX_HEADS && i < statements.length && headOf(lowering, statements[i]!));
    const body = statements.slice(first, i + 1);
    if (body.length === 0) lowering.statement(node);
    else lowerWithHead(lowering, head, body);
  }
}

/** `NAME(…) { … }`, `NAME { … }`: a loop if the macro is the head of one, else two statements. */
function lowerWithHead(lowering: Lowering, head: SyntaxNode, body: readonly SyntaxNode[]): void {
  const [only] = body;
  const lower = (): void => lowerStatements(lowering, body);
  const whole = body.length === 1 ? only! : { ...head, type: 'statements', children: body };
  const isBlock = whole.type === 'compound_statement';
  if (lowerMacroHead(lowering, head, { jumps: hasOwnJump(whole), isBlock, lower })) return;
  if (head.type === 'identifier') lowerName(lowering, head);
  else lowering.value(head);
  lower();
}

function labelNamed(lowering: Lowering, name: string): Label {
  const known = lowering.labels.get(name);
  if (known !== undefined) return known;
  const label = { block: lowering.build.newBlock(), cleaned: null };
  lowering.labels.set(name, label);
  return label;
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
    leaveScopes(lowering, spanOf(lowering, node), to.depth);
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
  lowerCondition(lowering, condition, whenTrue, whenFalse);
  build.start(whenTrue);
  if (consequence !== undefined) lowering.statement(consequence);
  build.goto(after);
  build.start(whenFalse);
  if (alternative !== undefined) lowering.statement(alternative);
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
  lowerStatements(
    lowering,
    node.children.filter((c) => c !== value),
  );
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
  lowerStatements(lowering, compiled);
  for (const label of twins) lowering.labels.delete(label);
  build.goto(after);
  build.start(otherwise);
  if (alternative !== undefined) lowering.statement(alternative);
  build.flowInto(after);
}
