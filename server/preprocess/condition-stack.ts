// The conditions under which a line is compiled, kept while directives are read one after the other; the
// same as `conditionOf` gives for the nodes of a syntax tree.
import type { PreprocessorCondition } from './macros.ts';

export class ConditionStack {
  /** One list for each open conditional: the parts before, refuted, then the part that the scan is in. */
  readonly #open: PreprocessorCondition[][] = [];
  #conditions: readonly PreprocessorCondition[] | null = [];

  /** `directive`: the logical line after the `#`. */
  read(directive: string): void {
    const [, name, rest = ''] = /^\s*(\w+)([\s\S]*)$/.exec(directive) ?? [];
    switch (name) {
      case 'if':
      case 'ifdef':
      case 'ifndef':
        this.#open.push([conditionOf(name, rest)]);
        break;
      case 'elif':
      case 'elifdef':
      case 'elifndef':
      case 'else': {
        const parts = this.#open.at(-1);
        const last = parts?.pop();
        if (parts === undefined || last === undefined) return;
        parts.push({ ...last, holds: !last.holds });
        if (name !== 'else') parts.push(conditionOf(name.slice(2), rest));
        break;
      }
      case 'endif':
        this.#open.pop();
        break;
      default:
        return;
    }
    this.#conditions = null;
  }

  conditions(): readonly PreprocessorCondition[] {
    return (this.#conditions ??= this.#open.flat());
  }
}

function conditionOf(name: string, rest: string): PreprocessorCondition {
  const text = rest
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return name === 'if'
    ? { text, holds: true }
    : { text: `defined(${text})`, holds: name === 'ifdef' };
}
