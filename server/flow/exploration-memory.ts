// What the exploration of functions gave, kept from one check to the next: a function that is the same, sees
// the same of the others and is read among the same declarations is not explored again. What moved with the
// text around it keeps its spans, which are moved in place; so results that leave the check are copies.
import type { Span } from '../../simulator/flagged-path.ts';
import type { SourceText } from '../syntax/source-text.ts';
import type { FunctionNode } from './call-graph.ts';
import type { Variant } from './callbacks.ts';
import type { FlowEvent } from './events.ts';
import type { Explored } from './explore-function.ts';
import type { Detachment } from './heap-call.ts';
import type { CallWhileDetached } from './observe-threads.ts';
import type { Summary } from './summary.ts';

/** What the function was allowed to know of others; see `analyze`. */
export type Knowledge = 'all' | 'small functions' | 'nothing';

export interface Exploration {
  readonly done: Explored | string;
  readonly events: readonly FlowEvent[];
  readonly threads: readonly { readonly entry: FunctionKey; readonly detachment: Detachment }[];
  /** Functions that are called with a detached thread state. */
  readonly calledDetached: readonly CallWhileDetached[];
  /** Explorations of functions that it hands callbacks to. */
  readonly variants: readonly Variant<Exploration>[];
  /** It comes out the same when the function and what it was told of others are the same. */
  readonly isRepeatable: boolean;
}

/** What a function does; a text: why that is not known; undefined: it was not explored. */
export type Known = Summary | string | undefined;

interface Remembered extends Exploration {
  readonly text: string;
  readonly mayStartDetached: boolean;
  /** What it was told of other functions. */
  readonly told: ReadonlyMap<FunctionKey, Known>;
  readonly spans: readonly MovableSpan[];
  line: number;
  readonly column: number;
}

type MovableSpan = { -readonly [K in keyof Span]: Span[K] };

/** The same for the same function of the same declarations, whatever its body is. */
export type FunctionKey = string;

export interface Subject {
  readonly node: FunctionNode;
  readonly key: FunctionKey;
  readonly knowledge: Knowledge;
  readonly mayStartDetached: boolean;
}

export class ExplorationMemory {
  readonly #explored = new Map<string, Remembered>();

  #surroundings = '';

  /** The declarations that functions are read among have changed. */
  clear(): void {
    this.#explored.clear();
  }

  /** Forgets all when this text is another one than before. */
  within(surroundings: string): void {
    if (surroundings !== this.#surroundings) this.clear();
    this.#surroundings = surroundings;
  }

  /** Explores, or knows what came of it. `tell` gives what another function does. */
  recall(
    subject: Subject,
    tell: (key: FunctionKey) => Known,
    explore: (node: FunctionNode, tell: (key: FunctionKey) => Known) => Exploration,
  ): Exploration {
    const { node, mayStartDetached } = subject;
    const { text, start } = node.definition;
    const at = node.file.source.span(start, start);
    const slot = `${subject.knowledge}\n${subject.key}`;
    const known = this.#explored.get(slot);
    if (
      known !== undefined &&
      known.text === text &&
      known.mayStartDetached === mayStartDetached &&
      known.column === at.column &&
      [...known.told].every(([key, summary]) => tell(key) === summary)
    ) {
      move(known, at.line - known.line);
      known.line = at.line;
      return known;
    }
    const spans: MovableSpan[] = [];
    const told = new Map<FunctionKey, Known>();
    const explored = explore(withSpans(node, spans), (key) => {
      const summary = tell(key);
      told.set(key, summary);
      return summary;
    });
    const { line, column } = at;
    if (!explored.isRepeatable) this.#explored.delete(slot);
    else
      this.#explored.set(slot, { ...explored, text, mayStartDetached, told, spans, line, column });
    return explored;
  }
}

function move({ spans }: Remembered, by: number): void {
  if (by === 0) return;
  for (const span of spans) {
    span.line += by;
    span.endLine += by;
  }
}

/** The function, with a source that keeps count of the spans it gives. */
function withSpans(node: FunctionNode, spans: Span[]): FunctionNode {
  const { source } = node.unit;
  const counting: Pick<SourceText, 'file' | 'text' | 'span'> = {
    file: source.file,
    text: source.text,
    span(start, end) {
      const span = source.span(start, end);
      spans.push(span);
      return span;
    },
  };
  return { ...node, unit: { ...node.unit, source: counting } };
}
