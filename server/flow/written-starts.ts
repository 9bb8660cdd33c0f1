// Functions that run without a thread state by what the text says, where no call is made of it: the constructor
// of a thread of C++ is given them, or a variable that Python calls while it is detached.
import { allRows } from '../knowledge/row.ts';
import { withoutComments } from '../preprocess/initializer.ts';
import type { FunctionNode } from './call-graph.ts';
import type { Detachment } from './heap-call.ts';
import { callsInText, functionIn } from './text-calls.ts';

export interface WrittenStart {
  readonly name: string;
  readonly by: Detachment;
}

export function writtenStarts({ file, definition }: FunctionNode): WrittenStart[] {
  const { text, start: offset } = definition;
  const found: WrittenStart[] = [];
  const add = (
    argument: string | undefined,
    { how, api, start, end }: Omit<Detachment, 'at'> & { start: number; end: number },
  ): void => {
    const name = argument === undefined ? null : functionIn(argument, text);
    if (name === null) return;
    const at = file.source.span(offset + start, offset + end);
    found.push({ name, by: { how, api, at } });
  };
  const { classes, constructors, hooks, assignments } = patterns();
  if (text.search(constructors) >= 0) {
    for (const { name: api, arguments: given, start, end } of callsInText(text, constructors)) {
      add(given[classes.get(api)!], { how: 'thread', api, start, end });
    }
  }
  if (hooks.test(text)) {
    for (const { 0: all, 1: api, 2: value, index } of withoutComments(text).matchAll(assignments)) {
      add(value, { how: 'hook', api: api!, start: index, end: index + all.length });
    }
  }
  return found;
}

interface Patterns {
  /** Which argument of a constructor starts. */
  readonly classes: ReadonlyMap<string, number>;
  /** `std::thread reader(`, `std::thread{`, `std::make_unique<std::thread>(`. */
  readonly constructors: RegExp;
  readonly hooks: RegExp;
  readonly assignments: RegExp;
}

/** null: nobody has asked yet. */
let known: Patterns | null = null;

function patterns(): Patterns {
  if (known !== null) return known;
  const rows = allRows();
  const started = rows.filter((row) => row.kind === 'struct' && row.threadEntryArg !== null);
  const hooks = rows.filter((row) => row.runsDetached).map(({ name }) => name);
  const classes = new Map(started.map((row) => [row.name, row.threadEntryArg!]));
  known = {
    classes,
    constructors: new RegExp(
      String.raw`\b(${[...classes.keys()].join('|')})\b(?:\s+[A-Za-z_]\w*|\s*>)?\s*(?=[({])`,
      'g',
    ),
    hooks: new RegExp(String.raw`\b(?:${hooks.join('|')})\b`),
    assignments: new RegExp(String.raw`\b(${hooks.join('|')})\s*=(?!=)([^;{}]*)(?=;)`, 'g'),
  };
  return known;
}
