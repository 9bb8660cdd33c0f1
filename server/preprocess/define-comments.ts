// Comments inside `#define`: the grammar ends the macro at the first one, and takes what follows for code.
import { lineEnd } from './lexical.ts';

const DEFINE = /^[ \t]*#[ \t]*define\b/gm;
const COMMENT_OR_LITERAL =
  /\/\*[\s\S]*?\*\/|\/\/[\s\S]*|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\.)*'/g;

/** With blanks in their place. */
export function blankDefineComments(text: string): string {
  const isInComment = commentsPassed(text);
  let result = '';
  let copied = 0;
  for (const { index } of text.matchAll(DEFINE)) {
    if (index < copied) continue;
    const end = lineEnd(text, index);
    const line = text.slice(index, end);
    // In a comment, the end of another one is its own end.
    if (!(line.includes('/*') || line.includes('//')) || isInComment(index)) continue;
    const code = line.replace(COMMENT_OR_LITERAL, (part) =>
      part.startsWith('/') ? continuedBlank(part) : part,
    );
    result += text.slice(copied, index) + code;
    copied = end;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** Asked with ascending offsets. Incomplete: the start of a comment in a literal counts, until a comment ends. */
function commentsPassed(text: string): (offset: number) => boolean {
  let start = text.indexOf('/*');
  let end = 0;
  return (offset) => {
    while (start >= 0 && start < offset) {
      end = text.indexOf('*/', start + 2);
      if (end < 0) end = text.length;
      if (end > offset) return true;
      start = text.indexOf('/*', end + 2);
    }
    return false;
  };
}

/** The macro goes on behind a comment of several lines, whether or not their ends are escaped. */
function continuedBlank(comment: string): string {
  return comment.replace(/[^\r\n]/g, ' ').replace(/ (?=\r?\n)/g, '\\');
}
