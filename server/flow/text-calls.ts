// Calls as the text has them, for what is asked of functions that nobody explores. Knows no macros.
import { splitInitializer, withoutComments } from '../preprocess/initializer.ts';

export interface TextCall {
  readonly name: string;
  readonly arguments: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** `pattern`, a global one, matches the name of what is called, and all before the parenthesis or brace. */
export function* callsInText(text: string, pattern: RegExp): Generator<TextCall> {
  const bare = withoutComments(text);
  for (const { 0: head, 1: name, index } of bare.matchAll(pattern)) {
    const list = splitInitializer(bare, index + head.length);
    if (list === null || name === undefined) continue;
    const given = list.items.map((item) => item.text);
    yield { name, arguments: given, start: index, end: list.end };
  }
}

/** The name in `(callback_t)&name`, which is no variable of the function; null: it is something else. */
export function functionIn(argument: string, text: string): string | null {
  const name = /^(?:\((?:[^()]|\([^()]*\))*\)\s*)*&?\s*([A-Za-z_]\w*(?:::\w+)*)$/.exec(
    argument.trim(),
  )?.[1];
  return name === undefined || isDeclaredIn(text, name) ? null : name;
}

/** A variable of the function may have the name: `SDL_Rect *rect;`, `std::function<void()> run`. */
function isDeclaredIn(text: string, name: string): boolean {
  return new RegExp(`[\\w>][\\s*&]+${name}\\s*[;,=)\\[({]`).test(text);
}
