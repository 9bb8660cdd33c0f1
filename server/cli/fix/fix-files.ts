// Applies fixes, round by round, and keeps a round only when the files still parse as well as before and the
// check no longer finds what was to be repaired, nor anything new. Nothing is written here.
import { resolve } from 'node:path';
import type { SourceFile } from '../../check.ts';
import type { Finding, Fix } from '../../finding.ts';
import { compatible } from '../../fixes/edits-together.ts';
import { languageOf } from '../../syntax/language.ts';
import { walk } from '../../syntax/node.ts';
import type { Parser } from '../../syntax/parser.ts';
import { loadParser } from '../analyze.ts';
import { type CheckRun, type Product, runCheck, type RunOptions } from '../check-run.ts';
import type { Terminal } from '../terminal.ts';
import { safeFix } from './safety.ts';
import { type Chosen, editsOf, editText } from './edit-text.ts';

export interface FixedFile extends SourceFile {
  /** The text as it is on disk. */
  readonly before: string;
}

export interface Fixed {
  /** The check of the texts as they are to be. */
  readonly run: CheckRun;
  readonly files: readonly FixedFile[];
  readonly findings: readonly Finding[];
}

/** Fixes that make room for others are few. */
const ROUNDS = 5;
/** Fixes of a file that are tried one by one when they did not pass together. */
const SINGLE_TRIALS = 20;

/** Throws UsageError. */
export async function fixFiles(
  options: RunOptions & { readonly unsafe: boolean },
  product: Product,
  terminal: Terminal,
): Promise<Fixed> {
  const { cwd } = terminal;
  const texts = new Map<string, string>();
  const fixed: Finding[] = [];
  const check = (more: ReadonlyMap<string, string>): Promise<CheckRun> =>
    runCheck(options, product, terminal, new Map([...texts, ...more]));
  let run = await check(new Map());
  const original = new Map(run.analysis.files.map(({ file, text }) => [file, text]));
  const parser = await loadParser(options.parser, product.engine);
  const refused = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const fixOf = (finding: Finding): Fix | null => {
      if (refused.has(nameOf(finding))) return null;
      return safeFix(finding) ?? (options.unsafe ? (finding.fixes[0] ?? null) : null);
    };
    const candidates = run.report.findings.flatMap((finding): Chosen[] => {
      const fix = fixOf(finding);
      const isOwn = fix?.edits.every((edit) => edit.at.file === finding.at.file) === true;
      return fix !== null && isOwn ? [{ finding, fix }] : [];
    });
    // What is left waits for the next round.
    const chosen = compatible(candidates, ({ fix }) => fix.edits);
    if (chosen.length === 0) break;
    // oxlint-disable-next-line no-await-in-loop -- each round builds on the one before
    const passed = await trial(chosen, run);
    for (const { finding } of chosen) {
      if (!passed.some((other) => other.finding === finding)) refused.add(nameOf(finding));
    }
    if (passed.length === 0) continue;
    for (const [path, text] of edited(passed, run, cwd)) texts.set(path, text);
    fixed.push(...passed.map(({ finding }) => finding));
    // oxlint-disable-next-line no-await-in-loop -- as above
    run = await check(new Map());
  }
  const files = run.analysis.files.flatMap(({ file, text }): FixedFile[] => {
    const before = original.get(file);
    return before === undefined || before === text ? [] : [{ file, text, before }];
  });
  return { run, files, findings: fixed };

  /** Those of the fixes that may stay. */
  async function trial(chosen: readonly Chosen[], before: CheckRun): Promise<readonly Chosen[]> {
    const good = await passing(chosen, before);
    const left = chosen.filter((one) => !good.includes(one));
    const alone: Chosen[] = [];
    for (const one of left.slice(0, SINGLE_TRIALS)) {
      // oxlint-disable-next-line no-await-in-loop -- each trial includes those that passed
      const together = await passing([...good, ...alone, one], before);
      if (together.includes(one)) alone.push(one);
    }
    return [...good, ...alone];
  }

  /** The fixes of the files that are better with them. */
  async function passing(chosen: readonly Chosen[], before: CheckRun): Promise<readonly Chosen[]> {
    const trialTexts = edited(chosen, before, cwd);
    const after = await check(trialTexts);
    const isGood = (file: string): boolean => {
      const old = textOf(before, file);
      const text = trialTexts.get(resolve(cwd, file)) ?? '';
      return errorsIn(text, file, parser) <= errorsIn(old, file, parser);
    };
    const worse = filesWithMore(before, after, chosen);
    return chosen.filter(({ finding }) => !worse.has(finding.at.file) && isGood(finding.at.file));
  }
}

/** By absolute path. */
function edited(chosen: readonly Chosen[], run: CheckRun, cwd: string): Map<string, string> {
  const files = new Set(chosen.map(({ finding }) => finding.at.file));
  return new Map(
    Array.from(files, (file) => {
      const own = chosen.filter(({ finding }) => finding.at.file === file);
      return [resolve(cwd, file), editText(textOf(run, file), editsOf(own))] as const;
    }),
  );
}

function textOf({ analysis }: CheckRun, file: string): string {
  return analysis.files.find((other) => other.file === file)?.text ?? '';
}

/** Files with more findings of a rule than they may have once their fixes are applied. */
function filesWithMore(before: CheckRun, after: CheckRun, chosen: readonly Chosen[]): Set<string> {
  const counts = new Map<string, number>();
  const add = ({ at, rule }: Finding, by: number): void => {
    const key = `${at.file}\0${rule}`;
    counts.set(key, (counts.get(key) ?? 0) + by);
  };
  for (const { finding } of before.marked) add(finding, 1);
  for (const { finding } of chosen) add(finding, -1);
  for (const { finding } of after.marked) add(finding, -1);
  return new Set(
    [...counts].flatMap(([key, left]) => (left < 0 ? [key.split('\0')[0] ?? ''] : [])),
  );
}

/** How many places the parser could not make sense of. */
export function errorsIn(text: string, file: string, parser: Parser): number {
  let errors = 0;
  walk(parser.in(languageOf(file, text)).parse(text), (node) => {
    if (node.type === 'ERROR' || node.missing) errors++;
    return true;
  });
  return errors;
}

function nameOf({ at, rule, message }: Finding): string {
  return [at.file, rule, message, at.line].join('\0');
}
