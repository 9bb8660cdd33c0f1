// A C or C++ file under test/fixtures: its annotations, and what the analyzer says about it, as comparable lines.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, type CheckResult } from '../../server/check.ts';
import type { Finding } from '../../server/finding.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import type { Parser } from '../../server/syntax/parser.ts';
import { type Annotation, annotationsOf } from './annotations.ts';

export interface Fixture {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly annotations: readonly Annotation[];
  /** The first line says why, if it is not meant for a compiler. */
  readonly compiles: boolean;
}

const DIRECTORY = fileURLToPath(new URL('../fixtures', import.meta.url));

export function readFixtures(): readonly Fixture[] {
  return readdirSync(DIRECTORY)
    .filter((name) => /\.(?:c|cpp)$/.test(name))
    .toSorted()
    .map((name) => {
      const path = join(DIRECTORY, name);
      const text = readFileSync(path, 'utf8');
      const compiles = !text.startsWith('// not compiled: ');
      return { name, path, text, annotations: annotationsOf(text), compiles };
    });
}

/** With the rules that are on by default, and those that the text selects: `// select: rule-id`. */
export function checkText(text: string, parser: Parser, file = 'example.c'): CheckResult {
  const selected = [...text.matchAll(/^\/\/ select: ([a-z-]+)$/gm)].map((match) => match[1]!);
  const select = [...DEFAULT_SETTINGS.select, ...selected];
  return check([{ file, text }], parser, { ...DEFAULT_SETTINGS, select });
}

/** `12 double-free`, in the order of lines: what the annotations say is reported, rightly or not. */
export function announced(annotations: readonly Annotation[]): readonly string[] {
  return inOrder(annotations.filter(({ kind }) => kind !== 'FN'));
}

/** `12 double-free`, in the order of lines. */
export function reported(findings: readonly Finding[]): readonly string[] {
  return inOrder(findings.map(({ at, rule }) => ({ line: at.line, rule })));
}

function inOrder(entries: readonly { readonly line: number; readonly rule: string }[]): string[] {
  return entries
    .toSorted((left, right) => left.line - right.line || (left.rule < right.rule ? -1 : 1))
    .map(({ line, rule }) => `${line} ${rule}`);
}
