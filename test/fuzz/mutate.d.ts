export interface Mutant {
  readonly file: string;
  readonly text: string;
  /** What was done to it, in order. */
  readonly mutations: readonly string[];
}
/** The mutant with this number, of the texts. */
export declare function mutant(sources: readonly string[], seed: number, index: number): Mutant;
