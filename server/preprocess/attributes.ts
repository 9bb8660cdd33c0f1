// Attributes of GCC and Clang. The grammar does not expect them everywhere, so for the parser they become blanks;
// `cleanup(f)` alone says something that is looked at, and becomes a comment that no program has written.
import { blank } from './blank.ts';
import { NO_CODE } from './lexical.ts';

const CLEANUP = '\\b(?:__)?cleanup(?:__)?\\s*\\(\\s*';
/** `__attribute__((…))`, and `[[gnu::cleanup(f)]]`: what else stands in brackets the grammar knows. */
const ATTRIBUTE = `\\b__attribute__\\s*\\(\\((?:[^()]|\\([^()]*\\))*\\)\\)|\\[\\[[^;{}[\\]]*?${CLEANUP}[^;{}[\\]]*\\]\\]`;
const IN_CODE = new RegExp(`${NO_CODE.source}|(${ATTRIBUTE})`, 'gm');
const NAMED = new RegExp(`(?:__attribute__\\s*\\(\\(|\\[\\[)[^;{}]*?${CLEANUP}(\\w+)`);

/** What stands for the attribute in a text for the parser. */
export const CLEANUP_MARK = /\/\*%cleanup%(\w+)%/;

/** A directive keeps what it defines; without a value it would take the next line for it. */
export function blankAttributes(text: string): string {
  if (!text.includes('__attribute__') && !text.includes('[[')) return text;
  return text.replace(IN_CODE, (part, attribute: string | undefined) => {
    if (attribute === undefined) return part;
    const name = attributeCleanup(attribute);
    if (name === null) return blank(attribute);
    return `${`/*%cleanup%${name}%`.padEnd(attribute.length - 2)}*/`;
  });
}

/** The function that `__attribute__((cleanup(f)))` in a text names; null: none. */
export function attributeCleanup(text: string): string | null {
  return NAMED.exec(text)?.[1] ?? null;
}
