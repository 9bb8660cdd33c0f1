// SWIG interface files as the C or C++ that they hold: directives become blanks, code between `%{` and
// `%}` and the bodies of typemaps stay. Offsets never move.
import { blank } from './blank.ts';

/** A file of this name that is an interface, not the output of a preprocessor. */
export function isSwig(file: string, text: string): boolean {
  return /\.(?:i|swg)$/i.test(file) && /^[ \t]*%(?:module|include|typemap|\{)/m.test(text);
}

/** Directives at the start of a line, with what they take up to a brace, a semicolon or the line's end. */
const DIRECTIVE = /^[ \t]*%(?:[{}]|[^\n{;]*;?)/gm;

export function codeOfSwig(text: string): string {
  return text.replace(DIRECTIVE, blank);
}
