// Conditions of #if and #elif as expressions over symbolic atoms: `defined(X)`, `X`, `X < 3`.
import { isRelation, type Relation } from '../relation.ts';

export interface Comparison {
  readonly kind: 'comparison';
  readonly operator: Relation;
  readonly left: string;
  readonly right: number;
}

export type Condition =
  /** Text that is equal for equal tests. */
  | { readonly kind: 'atom'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | Comparison
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition };

const TOKEN = /defined|[A-Za-z_]\w*|0[xX][0-9a-fA-F]+|\d+|&&|\|\||[<>=!]=|<<|>>|[^\s]/g;

/** Never fails: what is not understood is one atom. */
export function parseCondition(text: string): Condition {
  const cleaned = text
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*|\\\r?\n/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const parser = new ConditionParser(cleaned.match(TOKEN) ?? []);
  return parser.whole() ?? { kind: 'atom', text: cleaned };
}

/** Equal for equal conditions. */
export function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
      return `(${conditionText(condition.left)} && ${conditionText(condition.right)})`;
    case 'or':
      return `(${conditionText(condition.left)} || ${conditionText(condition.right)})`;
    case 'not':
      return `!${conditionText(condition.operand)}`;
    case 'atom':
      return condition.text;
    case 'number':
      return String(condition.value);
    case 'comparison':
      return `${condition.left} ${condition.operator} ${condition.right}`;
  }
}

class ConditionParser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  /** null: not understood. */
  whole(): Condition | null {
    const condition = this.#or(0);
    return this.#at === this.#tokens.length ? condition : null;
  }

  #or(depth: number): Condition | null {
    return this.#chain('||', 'or', () => this.#chain('&&', 'and', () => this.#unary(depth)));
  }

  #chain(token: string, kind: 'and' | 'or', next: () => Condition | null): Condition | null {
    let left = next();
    while (left !== null && this.#tokens[this.#at] === token) {
      this.#at++;
      const right = next();
      if (right === null) return null;
      left = { kind, left, right };
    }
    return left;
  }

  #unary(depth: number): Condition | null {
    if (depth > 40) return null;
    const token = this.#tokens[this.#at];
    if (token === '!') {
      this.#at++;
      const operand = this.#unary(depth + 1);
      return operand === null ? null : { kind: 'not', operand };
    }
    if (token === '(') {
      this.#at++;
      const inner = this.#or(depth + 1);
      return inner !== null && this.#tokens[this.#at++] === ')' ? inner : null;
    }
    return this.#test();
  }

  #test(): Condition | null {
    const token = this.#tokens[this.#at++];
    if (token === undefined) return null;
    if (token === 'defined') return this.#defined();
    if (/^\d/.test(token)) {
      const next = this.#tokens[this.#at];
      return next !== undefined && /^[<>=!]=?$|=$/.test(next)
        ? null
        : { kind: 'number', value: Number(token) };
    }
    if (!/^[A-Za-z_]/.test(token)) return null;
    const text = this.#tokens[this.#at] === '(' ? this.#call(token) : token;
    const operator = this.#tokens[this.#at];
    if (text === null || operator === undefined || !isRelation(operator)) {
      return text === null ? null : { kind: 'atom', text };
    }
    this.#at++;
    const right = this.#tokens[this.#at++];
    if (right === undefined) return null;
    if (/^\d/.test(right))
      return { kind: 'comparison', operator, left: text, right: Number(right) };
    const argument = this.#tokens[this.#at] === '(' ? this.#call(right) : right;
    return argument === null ? null : { kind: 'atom', text: `${text} ${operator} ${argument}` };
  }

  #defined(): Condition | null {
    const parenthesized = this.#tokens[this.#at] === '(';
    if (parenthesized) this.#at++;
    const name = this.#tokens[this.#at++];
    if (name === undefined || (parenthesized && this.#tokens[this.#at++] !== ')')) return null;
    return { kind: 'atom', text: `defined(${name})` };
  }

  #call(name: string): string | null {
    let text = name;
    let depth = 0;
    for (;;) {
      const token = this.#tokens[this.#at++];
      if (token === undefined) return null;
      text += token;
      if (token === '(') depth++;
      if (token === ')' && --depth === 0) return text;
    }
  }
}
