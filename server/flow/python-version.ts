// Which versions of Python a path is compiled for, as far as its preprocessor conditions say.
import type { Fact } from './fact.ts';

const MACROS = [
  { id: "'#if PY_VERSION_HEX'", version: (value: number) => value >>> 16 },
  { id: "'#if PY_MAJOR_VERSION'", version: (value: number) => (value << 8) | 0xff },
] as const;

/** True: no version from this one on (`0x0306`) compiles the path. */
export function isOnlyBefore(version: number, compiledIf: ReadonlyMap<string, Fact>): boolean {
  return MACROS.some((macro) => {
    const fact = compiledIf.get(macro.id);
    return fact !== undefined && Number.isFinite(fact.high) && macro.version(fact.high) < version;
  });
}
