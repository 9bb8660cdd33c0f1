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
  /** recovery: the parsers themselves mend an error in the text in different ways. */
  | {
      readonly kind: 'crash' | 'difference' | 'recovery';
      readonly reason: string;
    };
export declare function trial({ file, text }: Mutant, parsers: Parsers): Trial;
