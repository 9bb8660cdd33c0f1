// Heads under conditional compilation that share their body: `#if A`, `if (x)`, `#else`, `if (y)`, `#endif`,
// `return;`. The parser ends each head with an empty statement; here the body is given to all of them.
import { child, type SyntaxNode } from '../syntax/node.ts';

const CONDITIONAL = /^preproc_(?:if|ifdef|elif|elifdef|else)$/;
const HEAD = /^(?:if|for|while)_statement$|^else_clause$|^for_range_loop$/;

/** The statements, with what stands behind a conditional of open heads inside that conditional. */
export function withSharedBodies(statements: readonly SyntaxNode[]): readonly SyntaxNode[] {
  if (!statements.some(hasOpenHead)) return statements;
  const result: SyntaxNode[] = [];
  // From the end: what is a body may have such heads itself.
  for (const statement of statements.toReversed()) {
    const body = result.at(-1);
    if (body === undefined || !hasOpenHead(statement)) result.push(statement);
    else result[result.length - 1] = withBody(statement, body);
  }
  return result.toReversed();
}

/** Whether an alternative of a conditional ends with a head. */
function hasOpenHead(node: SyntaxNode): boolean {
  if (!CONDITIONAL.test(node.type)) return false;
  const last = compiledIn(node).at(-1);
  const alternative = child(node, 'alternative');
  return (
    (last !== undefined && (isOpen(last) || hasOpenHead(last))) ||
    (alternative !== undefined && hasOpenHead(alternative))
  );
}

/** Whether the statement ends before its own body. */
function isOpen(node: SyntaxNode): boolean {
  if (HEAD.test(node.type)) {
    const last = lastPart(node);
    return last !== undefined && isOpen(last);
  }
  // A semicolon that is written has a width.
  return node.type === 'expression_statement' && node.start === node.end;
}

function lastPart(node: SyntaxNode): SyntaxNode | undefined {
  return node.children.findLast(({ type }) => type !== 'comment');
}

function compiledIn(node: SyntaxNode): SyntaxNode[] {
  return node.children.filter(({ field, type }) => field === '' && type !== 'comment');
}

/** The conditional with the body in each alternative, and in one of its own where it has no `#else`. */
function withBody(node: SyntaxNode, body: SyntaxNode): SyntaxNode {
  const compiled = compiledIn(node);
  const last = compiled.at(-1);
  const asked = node.children.filter(({ field }) => field !== '' && field !== 'alternative');
  const isFilled = last !== undefined && (isOpen(last) || hasOpenHead(last));
  const filled = isFilled
    ? [...compiled.slice(0, -1), isOpen(last) ? filledWith(last, body) : withBody(last, body)]
    : [...compiled, body];
  if (node.type === 'preproc_else') return { ...node, children: filled };
  const { start, end } = body;
  const alternative = child(node, 'alternative');
  const otherwise: SyntaxNode =
    alternative === undefined
      ? { ...node, type: 'preproc_else', field: 'alternative', start, end, children: [body] }
      : withBody(alternative, body);
  return { ...node, children: [...asked, ...filled, otherwise] };
}

function filledWith(node: SyntaxNode, body: SyntaxNode): SyntaxNode {
  if (!HEAD.test(node.type)) return { ...body, field: node.field };
  const last = lastPart(node);
  const children = node.children.map((c) => (c === last ? filledWith(c, body) : c));
  return { ...node, end: body.end, children };
}
