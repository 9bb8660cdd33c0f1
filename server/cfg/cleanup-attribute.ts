// `__attribute__((cleanup(f)))` of GCC and Clang: which function a declaration names, itself or by a macro.
import { attributeCleanup, CLEANUP_MARK } from '../preprocess/attributes.ts';
import { NO_CODE } from '../preprocess/lexical.ts';
import { child, type SyntaxNode } from '../syntax/node.ts';
import { type Lowering, writtenAt } from './context.ts';

const MAX_NESTED_MACROS = 4;
/** In UTF-16 units: attributes stand close to what they belong to. */
const NEAR = 500;

/** The function that the declaration names for each of its declarators; null: none. */
export function cleanupsOf(
  lowering: Lowering,
  declaration: SyntaxNode,
): (declarator: SyntaxNode) => string | null {
  const first = declaration.children.find((c) => c.field === 'declarator') ?? declaration;
  const inHead = namedIn(lowering, (text) => {
    // The parser does not see attributes: what stands before the declaration may belong to it.
    const farthest = Math.max(0, declaration.start - NEAR);
    let from = declaration.start;
    while (from > farthest && !isEnd(lowering, text, from - 1)) from--;
    return text.slice(from, Math.min(first.start, declaration.start + NEAR));
  });
  return (declarator) => inHead ?? namedIn(lowering, (text) => afterName(text, declarator));
}

function isEnd(lowering: Lowering, text: string, offset: number): boolean {
  return /[;{}]/.test(text[offset]!) && /[;{}]/.test(writtenAt(lowering, offset));
}

/** Up to the initializer, or to what follows the declarator: `char *p AUTO_FREE;` */
function afterName(text: string, declarator: SyntaxNode): string {
  const value = child(declarator, 'value');
  const end = /[;,=]/.exec(text.slice(declarator.end, declarator.end + NEAR))?.index ?? 0;
  return text.slice(declarator.start, value?.start ?? declarator.end + end);
}

function namedIn({ text, unit }: Lowering, partOf: (text: string) => string): string | null {
  const nameIn = (part: string): string | null =>
    CLEANUP_MARK.exec(part)?.[1] ?? attributeCleanup(part) ?? inMacros(unit.macros, part, 0);
  // Comments matter where there is something to find only.
  return nameIn(partOf(text)) === null ? null : nameIn(partOf(codeOf(text)));
}

function codeOf(text: string): string {
  return text.replace(NO_CODE, (part) =>
    CLEANUP_MARK.test(part) ? part : ' '.repeat(part.length),
  );
}

/** `AUTO_FREE`, or `CLEANUP(f)`: a macro that gives the attribute, perhaps through others. */
function inMacros(macros: Lowering['unit']['macros'], text: string, depth: number): string | null {
  if (depth > MAX_NESTED_MACROS) return null;
  for (const [, name = '', given] of text.matchAll(/\b([A-Za-z_]\w*)(?:\s*\(\s*(\w+)\s*\))?/g)) {
    for (const { body, parameters } of macros.get(name) ?? []) {
      const called = attributeCleanup(body) ?? inMacros(macros, body, depth + 1);
      if (called !== null)
        return parameters?.[0] === called && given !== undefined ? given : called;
    }
  }
  return null;
}
