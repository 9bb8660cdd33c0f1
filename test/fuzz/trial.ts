// One mutant through the whole check, with both parsers: it must end within its budget of steps, without
// an exception, and find the same with either.
import { check, type CheckResult } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import type { Parser } from '../../server/syntax/parser.ts';
import type { Mutant } from './mutate.ts';

export interface Parsers {
  readonly native: Parser;
  readonly wasm: Parser;
}

export type Trial =
  | {
      readonly kind: 'passed';
      readonly findings: number;
      readonly functions: number;
      readonly steps: number;
    }
  | { readonly kind: 'crash' | 'difference'; readonly reason: string };

export function trial({ file, text }: Mutant, parsers: Parsers): Trial {
  const checked = (parser: Parser): CheckResult =>
    check([{ file, text }], parser, { ...DEFAULT_SETTINGS, minConfidence: 'possible' });
  const results: CheckResult[] = [];
  for (const parser of [parsers.native, parsers.wasm]) {
    try {
      results.push(checked(parser));
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { kind: 'crash', reason: `${parser.backend}: ${reason}` };
    }
  }
  const [native = [], wasm = []] = results.map(findingLines);
  if (native.join('\n') === wasm.join('\n')) {
    const { functions, steps } = results[0]!.stats;
    return { kind: 'passed', findings: native.length, functions, steps };
  }
  const reason = [
    ...without(native, wasm).map((line) => `native only: ${line}`),
    ...without(wasm, native).map((line) => `wasm only: ${line}`),
  ].join('\n');
  return { kind: 'difference', reason };
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  return lines.filter((line) => !others.includes(line));
}

function findingLines({ findings }: CheckResult): string[] {
  return findings.map(({ at, rule, confidence, message, flaggedPath }) => {
    return `${at.line}:${at.column} ${rule} ${confidence} ${message} ${flaggedPath.steps.length}`;
  });
}
