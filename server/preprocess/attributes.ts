// Attributes of GCC and Clang. The grammar does not expect them everywhere, so for the parser they become blanks;
// `cleanup(f)` alone says something that is looked at, and becomes a comment that no program has written.

const CLEANUP = '\\b(?:__)?cleanup(?:__)?\\s*\\(\\s*';
/** `__attribute__((…))`, and `[[gnu::cleanup(f)]]`: what else stands in brackets the grammar knows. */
const ATTRIBUTE = new RegExp(
  `\\b__attribute__\\s*\\(\\((?:[^()]|\\([^()]*\\))*\\)\\)|\\[\\[[^;{}[\\]]*?${CLEANUP}[^;{}[\\]]*\\]\\]`,
  'g',
);
const NAMED = new RegExp(`(?:__attribute__\\s*\\(\\(|\\[\\[)[^;{}]*?${CLEANUP}(\\w+)`);

/** What stands for the attribute in a text for the parser. */
export const CLEANUP_MARK = /\/\*%cleanup%(\w+)%/;

export function blankAttributes(text: string): string {
  if (!text.includes('__attribute__') && !text.includes('[[')) return text;
  return text.replace(ATTRIBUTE, (attribute, offset: number) => {
    // A directive keeps what it defines; without a value it would take the next line for it.
    if (isInDirective(text, offset)) return attribute;
    const name = attributeCleanup(attribute);
    if (name === null) return attribute.replace(/[^\n\r]/g, ' ');
    return `${`/*%cleanup%${name}%`.padEnd(attribute.length - 2)}*/`;
  });
}

function isInDirective(text: string, offset: number): boolean {
  let start = text.lastIndexOf('\n', offset) + 1;
  while (start > 0 && /\\\r?\n$/.test(text.slice(Math.max(0, start - 3), start))) {
    start = text.lastIndexOf('\n', start - 2) + 1;
  }
  return text.slice(start, offset).trimStart().startsWith('#');
}

/** The function that `__attribute__((cleanup(f)))` in a text names; null: none. */
export function attributeCleanup(text: string): string | null {
  return NAMED.exec(text)?.[1] ?? null;
}
