// For functions that do not parse: what macros out of view make of C becomes something that the grammar knows. Nothing
// moves. Text that parses is better left alone.
import { blank } from './blank.ts';

/** A call of a macro on one line, `WRITE(char, p, (int)n)`, with its list. */
const MACRO_CALL = /\b([A-Z][A-Z0-9_]{2,}[ \t]*\()((?:[^(){};\n]|\([^(){};\n]*\))*)(?=\))/g;
const TYPE_ARGUMENT =
  /(^|,)(\s*)((?:(?:const|unsigned|signed|char|short|int|long|float|double|void|bool)\b[ \t*]*)+)(?=,|$)/g;

/** `PyObject *self ATTRIBUTE_UNUSED`: a macro behind the name of a parameter. */
const PARAMETER_MARK = /([\w*]\s*\b[a-z_]\w*)(\s+[A-Z][A-Z0-9_]+)(?=\s*[,)])/g;

/** The text of one definition, rewritten; null: there is nothing of that kind in it. */
export function repaired(text: string): string | null {
  const brace = text.indexOf('{');
  if (brace < 0) return null;
  const head = text
    .slice(0, brace)
    .replace(PARAMETER_MARK, (_, name: string, mark: string) => name + blank(mark));
  const body = text
    .slice(brace)
    .replace(MACRO_CALL, (_, call: string, list: string) => call + withoutTypes(list));
  const result = head + body;
  return result === text ? null : result;
}

function withoutTypes(list: string): string {
  return list.replace(
    TYPE_ARGUMENT,
    (_, before: string, space: string, type: string) => `${before}${space}0${blank(type.slice(1))}`,
  );
}
