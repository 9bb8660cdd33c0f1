// Conditional compilation at the level of text: `#if 0` regions removed, and for regions that do not
// parse with all alternatives in place, the text with one alternative chosen. Offsets never move.
import { blank } from './blank.ts';
import { type Comparison, type Condition, parseCondition } from './condition.ts';
import type { PreprocessorCondition } from './macros.ts';
import { holdsForPython3 } from './python-versions.ts';

interface Conditional {
  /** Line indices, 0-based: of #if, of each #elif/#else, of #endif. */
  readonly directives: number[];
  readonly conditions: string[];
}

const DIRECTIVE = /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b(.*)\r?$/;

/** Blanks what the preprocessor never compiles: the bodies of `#if 0`, the `#else` of `#if 1`. */
export function dropDeadRegions(text: string): string {
  if (!/#[ \t]*if[ \t]+[01]\b/.test(text)) return text;
  return rewrite(text, (conditional) => {
    const first = conditional.conditions[0]!.replace(/\/\*.*\*\/|\/\/.*/g, '').trim();
    if (first !== 'if 0' && first !== 'if 1') return null;
    if (conditional.directives.length > 3) return null;
    return first === 'if 1' ? 0 : 1;
  });
}

/** A text with one part of every conditional. */
export interface Alternative {
  readonly text: string;
  /** What holds where it is compiled. */
  readonly conditions: readonly PreprocessorCondition[];
}

/** What is compiled when every macro that is asked for is defined, as a large number (0), or none is (1). */
export function chooseAlternative(text: string, alternative: 0 | 1): Alternative {
  const atoms = alternative === 0;
  return chooseParts(text, atoms, (comparison) => holdsAs(atoms, comparison));
}

/** The same, where Python 3 alone decides what asks for its version. */
export function chooseForPython3(text: string, alternative: 0 | 1): string {
  const atoms = alternative === 0;
  const compare = (comparison: Comparison): boolean =>
    holdsForPython3(comparison) ?? holdsAs(atoms, comparison);
  return chooseParts(text, atoms, compare).text;
}

/** Incomplete: of what is no order, `==` and `!=`, both are taken for true or for false. */
function holdsAs(isDefined: boolean, { operator }: Comparison): boolean {
  return operator.startsWith('<') ? !isDefined : isDefined;
}

function chooseParts(
  text: string,
  atoms: boolean,
  compare: (comparison: Comparison) => boolean,
): Alternative {
  const found = new Map<string, PreprocessorCondition>();
  const chosen = rewrite(text, ({ conditions }) => {
    const asked = askedBy(conditions[0]!);
    const holds = evaluate(parseCondition(asked), atoms, compare);
    found.set(asked, { text: asked, holds });
    return holds ? 0 : 1;
  });
  return { text: chosen, conditions: [...found.values()] };
}

/** `ifndef X` -> `!defined(X)` */
function askedBy(directive: string): string {
  const [, not, name] = /^if(n?)def +(\w*)/.exec(directive) ?? [];
  if (name === undefined) return directive.replace(/^if */, '');
  return `${not === '' ? '' : '!'}defined(${name})`;
}

function evaluate(
  condition: Condition,
  atoms: boolean,
  compare: (comparison: Comparison) => boolean,
): boolean {
  const holds = (part: Condition): boolean => evaluate(part, atoms, compare);
  switch (condition.kind) {
    case 'not':
      return !holds(condition.operand);
    case 'and':
      return holds(condition.left) && holds(condition.right);
    case 'or':
      return holds(condition.left) || holds(condition.right);
    case 'number':
      return condition.value !== 0;
    case 'atom':
      return atoms;
    case 'comparison':
      return compare(condition);
  }
}

/** `choose` gives the index of the part to keep, or null to leave the conditional as it is. */
function rewrite(text: string, choose: (conditional: Conditional) => number | null): string {
  const lines = text.split('\n');
  const isBlank = new Uint8Array(lines.length);
  const leaveOut = (line: number): void => {
    if (isBlank[line] === 1) return;
    isBlank[line] = 1;
    lines[line] = blank(`${lines[line]}\n`).slice(0, -1);
  };
  const open: Conditional[] = [];
  for (let i = 0; i < lines.length; i++) {
    const match = DIRECTIVE.exec(lines[i]!);
    if (match === null) continue;
    const [, name, rest] = match;
    const current = open.at(-1);
    if (name === 'if' || name === 'ifdef' || name === 'ifndef') {
      open.push({ directives: [i], conditions: [`${name} ${rest!.trim()}`] });
    } else if (current !== undefined) {
      current.directives.push(i);
      current.conditions.push(`${name} ${rest!.trim()}`);
      if (name === 'endif') {
        open.pop();
        const keep = choose(current);
        if (keep !== null) keepPart(current, keep, leaveOut);
      }
    }
  }
  return lines.join('\n');
}

function keepPart(conditional: Conditional, keep: number, leaveOut: (line: number) => void): void {
  const { directives } = conditional;
  for (let part = 0; part + 1 < directives.length; part++) {
    const from = directives[part]!;
    const to = directives[part + 1]!;
    leaveOut(from);
    if (part !== keep) for (let line = from + 1; line < to; line++) leaveOut(line);
  }
  leaveOut(directives.at(-1)!);
}
