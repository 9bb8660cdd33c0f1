// Marks of C++ that the grammar does not know: macros before a class or a result, stars of `new char *[n]`. For the
// parser they become blanks.
import { blank } from './blank.ts';

const NEW_POINTER =
  /(\bnew\s+(?:\(\s*std::nothrow\s*\)\s*)?(?:(?:const|struct|unsigned)\s+)*[A-Za-z_][\w:]*(?:<[^<>;]*>)?)((?:\s*\*)+)(?=\s*[[(;,){])/g;

/** `class EXPORTED Foo : Bar {` */
const EXPORT_MARK =
  /(\b(?:class|struct)\s+)((?:__declspec\s*\(\w+\)|[A-Z][A-Z0-9_]{2,}(?:\(\w*\))?)\s+)(?=[A-Za-z_]\w*\s*(?:final\s*)?(?::[^:]|\{))/g;

/** A marker alone on its line before a class: the grammar would take it for the type of a function. */
const LINE_BEFORE_CLASS =
  /^[ \t]*[A-Z][A-Z0-9]*_[A-Z0-9_]+[ \t]*(?=\r?\n\s*(?:class|namespace|template)\b)/gm;

/** `EXPORTED Foo *f(void) {` */
const MARK_BEFORE_POINTER =
  /^[A-Z][A-Z0-9_]{2,}[ \t]+(?=[A-Za-z_]\w*\s*[*&]+\s*[A-Za-z_]\w*\s*\([^(){};]*\)\s*\{)/gm;

/** What stands before a type or name and is not known to the grammar of C++. */
export function blankCxxMarks(text: string): string {
  let result = text;
  if (text.includes('new')) {
    result = result.replace(NEW_POINTER, (_, type: string, stars: string) => type + blank(stars));
  }
  if (text.includes('class') || text.includes('__declspec')) {
    result = result
      .replace(LINE_BEFORE_CLASS, blank)
      .replace(EXPORT_MARK, (_, head: string, mark: string) => head + blank(mark));
  }
  return result.replace(MARK_BEFORE_POINTER, blank);
}
