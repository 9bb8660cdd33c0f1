// Which grammar a file is parsed with: by its name, and for a header by what it declares.

export type Language = 'c' | 'c++';

/** Interface files of SWIG hold either; C is close enough to C++. */
const CXX_FILE = /\.(?:cc|cpp|cxx|c\+\+|hh|hpp|hxx|h\+\+|ipp|tpp|i|swg)$/i;

/** What only C++ has at the start of a line; `extern "C"` and `#ifdef __cplusplus` are in C headers too. */
const CXX_LINE =
  /^[ \t]*(?:template[ \t]*<|namespace[ \t]+\w[\w:]*[ \t]*(?:\{|$)|using[ \t]+namespace\b|class[ \t]+(?:\w+[ \t]+)?\w+[ \t]*(?:final[ \t]*)?(?:[:{]|$)|(?:public|private|protected)[ \t]*:)/m;

const GUARDED = /^[ \t]*#[ \t]*ifdef[ \t]+__cplusplus\b[\s\S]*?^[ \t]*#[ \t]*(?:endif|else)\b/gm;

/** A file that others include. */
export function isHeader(file: string): boolean {
  return /\.(?:h|hh|hpp|hxx|h\+\+|ipp|tpp)$/i.test(file);
}

export function isCxxFileName(file: string): boolean {
  // An upper-case `.C` or `.H` is C++ by an old custom.
  return CXX_FILE.test(file) || /\.[CH]$/.test(file);
}

export function languageOf(file: string, text: string): Language {
  if (isCxxFileName(file)) return 'c++';
  if (!/\.h$/i.test(file) || !CXX_LINE.test(text)) return 'c';
  return CXX_LINE.test(text.replace(GUARDED, '')) ? 'c++' : 'c';
}
