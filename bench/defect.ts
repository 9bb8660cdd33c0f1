// The historical defects of test/history/defects.json: real mistakes of public C extensions, each with
// the commit that has it and the commit that repairs it. Data and its reader; nothing is checked here.
import { readFileSync } from 'node:fs';

export interface Defect {
  readonly id: string;
  /** `owner/name`. */
  readonly repository: string;
  /** The commit that has the defect. */
  readonly before: string;
  /** The commit that repairs it; null: not repaired in the stored history. */
  readonly after: string | null;
  readonly path: string;
  /** Where the other half of the defect is, when it is not in `path`. */
  readonly otherFile: { readonly path: string; readonly line: number } | null;
  readonly language: 'c' | 'c++' | 'swig';
  readonly category: string;
  /** One allocator family's memory is handed to another. */
  readonly core: boolean;
  readonly functions: readonly string[];
  /** Lines of `path` at `before`: the allocation, the release, and further ones of the same kind. */
  readonly sites: readonly { readonly line: number; readonly call: string }[];
}

/** Rules that may claim a defect of a category; a finding of another rule nearby is chance. */
const CLAIMS: readonly (readonly [category: RegExp, rule: RegExp])[] = [
  [/leak/, /leak/],
  [/unchecked/, /unchecked|null/],
  [/no-gil/, /thread|attach|gil/],
  [/double-free|use-after-free/, /double-free|use-after-free|untrack/],
  [/./, /mismatch|borrowed|object|free-of|instance|non-heap|interior/],
];

export function mayClaim(category: string, rule: string): boolean {
  return CLAIMS.find(([pattern]) => pattern.test(category))![1].test(rule);
}

export function readDefects(file: string): readonly Defect[] {
  const defects: readonly Defect[] = JSON.parse(readFileSync(file, 'utf8'));
  return defects;
}
