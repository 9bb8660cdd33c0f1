// Which arguments a call of the API reads through.
import { apiRow } from '../knowledge/row.ts';
import type { CallSite } from './call-site.ts';

/** Whether the call looks at the memory that the argument points to. */
export function readsArgument(call: CallSite, index: number): boolean {
  const row = apiRow(call.name);
  if (row === undefined) return false;
  if (row.firstFormatValue !== null && row.formatArg !== null && index >= row.firstFormatValue) {
    // `%s` reads the text, `%p` prints the pointer alone.
    const format = call.values[row.formatArg];
    const conversions =
      format?.kind === 'text' ? format.text.matchAll(/%[-+ #0-9.*hlLqjzt]*([a-zA-Z%])/g) : [];
    const letters = [...conversions].map((m) => m[1]).filter((letter) => letter !== '%');
    return letters[index - row.firstFormatValue] === 's';
  }
  const entry = row.ptrArgs.find((p) => p.arg === index);
  if (entry !== undefined) return true;
  return (
    row.role === 'copies-input' || row.role === 'call-duration' || row.role === 'caller-buffer'
  );
}
