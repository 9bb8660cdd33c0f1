// How many historical defects the check finds, and whether it is silent once they are repaired.
//   node scripts/run.mjs bench/history.ts --mirrors DIR [--only REGEXP] [--all] [--confidence possible]
// DIR holds `<owner>+<name>/repo`, git repositories with the commits. --only selects by id, category or
// `core`; --all prints every finding in the repaired versions, to be read by a person. Needs no checkout;
// one bad entry loses that entry only.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { check, type CheckResult } from '../server/check.ts';
import { CONFIDENCES, type Finding } from '../server/finding.ts';
import { DEFAULT_SETTINGS, type Settings } from '../server/settings.ts';
import { loadParser } from '../server/syntax/load-parser.ts';
import type { Parser } from '../server/syntax/parser.ts';
import { type Defect, mayClaim, readDefects } from './defect.ts';
import { filesAround, lineMap } from './git-tree.ts';
import { table } from './table.ts';

/** A finding claims a site when it is this near. */
const NEAR = 3;

interface Outcome {
  readonly defect: Defect;
  readonly found: readonly Finding[];
  /** null: there is no repaired version. */
  readonly flaggedAfter: readonly Finding[] | null;
  readonly after: CheckResult | null;
  /** Functions of the defect that were not analyzed, and why. */
  readonly lost: readonly string[];
  readonly seconds: number;
}

interface Failure {
  readonly defect: Defect;
  readonly error: string;
}

function examine(defect: Defect, repository: string, parser: Parser, settings: Settings): Outcome {
  const started = performance.now();
  const paths = [defect.path, ...(defect.otherFile === null ? [] : [defect.otherFile.path])];
  const checkAt = (commit: string): CheckResult =>
    check(filesAround(repository, commit, paths), parser, settings);
  const before = checkAt(defect.before);
  const lines = defect.sites.map(({ line }) => line);
  const claims = (findings: readonly Finding[], at: readonly number[]): Finding[] =>
    findings.filter(
      (finding) =>
        mayClaim(defect.category, finding.rule) &&
        [finding, ...finding.path].some(
          (place) =>
            place.at.file === defect.path &&
            at.some((line) => Math.abs(line - place.at.line) <= NEAR),
        ),
    );
  const found = claims(before.findings, lines);
  const lost = before.skipped
    .filter((s) => s.file === defect.path && defect.functions.includes(s.function ?? ''))
    .map((s) => `${s.function}: ${s.reason}`);
  let after: CheckResult | null = null;
  let flaggedAfter: readonly Finding[] | null = null;
  if (defect.after !== null) {
    after = checkAt(defect.after);
    const version = (commit: string): string => `${commit}:${defect.path}`;
    const moved = lineMap(repository, version(defect.before), version(defect.after));
    flaggedAfter = claims(after.findings, lines.map(moved));
  }
  const seconds = (performance.now() - started) / 1000;
  return { defect, found, flaggedAfter, after, lost, seconds };
}

function oneLine(finding: Finding): string {
  const { file, line } = finding.at;
  return `${file}:${line} [${finding.rule}, ${finding.confidence}] ${finding.message}`;
}

function recallTable(outcomes: readonly Outcome[]): string {
  const rows: string[][] = [];
  const count = (name: string, list: readonly Outcome[]): void => {
    if (list.length === 0) return;
    const repaired = list.filter((o) => o.flaggedAfter !== null);
    const flagged = repaired.filter((o) => o.flaggedAfter!.length > 0);
    const found = list.filter((o) => o.found.length > 0);
    rows.push([
      name,
      String(list.length),
      String(found.length),
      String(repaired.length),
      String(flagged.length),
    ]);
  };
  const isC = (o: Outcome): boolean => o.defect.language === 'c';
  for (const [part, list] of [
    ['C', outcomes.filter((o) => isC(o))],
    ['C++ and SWIG', outcomes.filter((o) => !isC(o))],
  ] as const) {
    const categories = [...new Set(list.map((o) => o.defect.category))].toSorted();
    for (const category of categories) {
      count(
        `${part}: ${category}`,
        list.filter((o) => o.defect.category === category),
      );
    }
    count(
      `${part}: core`,
      list.filter((o) => o.defect.core),
    );
    count(`${part}: all`, list);
  }
  return table(['category', 'defects', 'found', 'repaired', 'flagged after'], rows);
}

function print(outcomes: readonly Outcome[], failures: readonly Failure[], isAll: boolean): void {
  console.log(recallTable(outcomes));
  for (const core of [true, false]) {
    console.log(`\nMissed, ${core ? 'core' : 'others'}:`);
    for (const { defect, found, lost } of outcomes) {
      if (found.length > 0 || defect.core !== core) continue;
      const lines = defect.sites.map((s) => s.line).join(', ');
      console.log(`  ${defect.id} [${defect.category}] ${defect.path}: ${lines}`);
      for (const reason of lost) console.log(`    not analyzed: ${reason}`);
    }
  }
  console.log('\nFlagged after the repair:');
  for (const { defect, flaggedAfter } of outcomes) {
    for (const finding of flaggedAfter ?? []) console.log(`  ${defect.id}: ${oneLine(finding)}`);
  }
  if (isAll) {
    console.log('\nFindings in the repaired versions:');
    const seen = new Set<string>();
    for (const { defect, after } of outcomes) {
      for (const finding of after?.findings ?? []) {
        const line = `${defect.repository}@${defect.after?.slice(0, 9)} ${oneLine(finding)}`;
        const key = `${defect.repository} ${finding.at.file} ${finding.message}`;
        if (!seen.has(key)) console.log(`  ${line}`);
        seen.add(key);
      }
    }
  }
  for (const { defect, error } of failures) console.log(`failed: ${defect.id}: ${error}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      mirrors: { type: 'string' },
      only: { type: 'string', default: '' },
      all: { type: 'boolean', default: false },
      confidence: { type: 'string', default: DEFAULT_SETTINGS.minConfidence },
    },
  });
  const minConfidence = CONFIDENCES.find((c) => c === values.confidence);
  if (values.mirrors === undefined || minConfidence === undefined) {
    console.error('usage: bench/history.ts --mirrors DIR [--only REGEXP] [--all] [--confidence C]');
    process.exitCode = 2;
    return;
  }
  const settings = { ...DEFAULT_SETTINGS, minConfidence };
  const parser = await loadParser({ backend: 'auto' });
  const only = new RegExp(values.only);
  const outcomes: Outcome[] = [];
  const failures: Failure[] = [];
  for (const defect of readDefects(path.join('test', 'history', 'defects.json'))) {
    if (!only.test(`${defect.id} ${defect.category}${defect.core ? ' core' : ''}`)) continue;
    const repository = path.join(values.mirrors, defect.repository.replace('/', '+'), 'repo');
    try {
      if (!existsSync(repository)) throw new Error(`no repository at ${repository}`);
      const outcome = examine(defect, repository, parser, settings);
      outcomes.push(outcome);
      const rules = [...new Set(outcome.found.map((f) => f.rule))].join(', ');
      const answer = rules === '' ? 'missed' : `found by ${rules}`;
      console.error(`${defect.id}: ${answer} (${outcome.seconds.toFixed(1)} s)`);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      failures.push({ defect, error: text.split('\n')[0]! });
      console.error(`${defect.id}: failed`);
    }
  }
  print(outcomes, failures, values.all);
}

await main();
