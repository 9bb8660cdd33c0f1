// Files that say on which lines something is wrong: `// expect: RULE` as the fixtures do, or `/* BUG … */`, with
// further lines that may be named as well after `/* ALT` and `/* ALLOC`.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Suite {
  readonly files: readonly string[];
  /** Of each defect the lines, as `file:line`, one of which is to be named. */
  readonly defects: readonly (readonly string[])[];
}

export interface Score {
  readonly found: number;
  readonly missed: number;
  /** Lines that are named and have nothing wrong. */
  readonly wrong: number;
}

export function readSuite(folder: string): Suite {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.c'))
    .toSorted()
    .map((name) => path.resolve(folder, name));
  return { files, defects: files.flatMap((file) => defectsIn(file)) };
}

function defectsIn(file: string): string[][] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const marked = (mark: RegExp): string[] =>
    lines.flatMap((line, i) => (mark.test(line) ? [`${file}:${i + 1}`] : []));
  const also = marked(/\/\* (?:ALT|ALLOC)/);
  const bugs = marked(/\/\* BUG/).map((line) => [line, ...also]);
  return [...bugs, ...marked(/\/\/ expect: /).map((line) => [line])];
}

export function score({ defects }: Suite, findings: ReadonlySet<string>): Score {
  const found = defects.filter((lines) => lines.some((line) => findings.has(line))).length;
  const right = new Set(defects.flat());
  return {
    found,
    missed: defects.length - found,
    wrong: [...findings].filter((line) => !right.has(line)).length,
  };
}
