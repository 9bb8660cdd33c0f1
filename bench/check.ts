// How long the check takes, against tree-sitter's parsing alone (the native addon, whole files, no node
// of ours made of the tree) and against cppcheck on the same files in the same run:
// ratios, since seconds say more about the machine.
//   npm run bench:phases [-- PATHS...] [--rounds N]
// Default paths: examples and test/fixtures. Each time is the median of the rounds.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { check, type SourceFile } from '../server/check.ts';
import { findFiles } from '../server/cli/find-files.ts';
import { readHeaders } from '../server/cli/read-headers.ts';
import { disk } from '../server/files/disk.ts';
import { projectIncludes } from '../server/files/project-includes.ts';
import { readSource } from '../server/files/read-source.ts';
import { analyze } from '../server/flow/analyze.ts';
import { parseFile } from '../server/flow/unit.ts';
import { DEFAULT_SETTINGS } from '../server/settings.ts';
import { languageOf } from '../server/syntax/language.ts';
import { loadParser, parsingAlone } from '../server/syntax/load-parser.ts';
import type { Parser } from '../server/syntax/parser.ts';
import { callGraphOf } from '../server/workspace.ts';
import { median } from './measure.ts';
import { table } from './table.ts';

const DEFAULT_PATHS = ['examples', 'test/fixtures'];

type Alone = ReturnType<typeof parsingAlone>;

/** What `check` does, cut where one phase ends; milliseconds of each. */
interface Phases {
  readonly parse: number;
  readonly collect: number;
  readonly connect: number;
  readonly explore: number;
  readonly steps: number;
}

function timed<T>(work: () => T): { readonly value: T; readonly ms: number } {
  const started = performance.now();
  const value = work();
  return { value, ms: performance.now() - started };
}

function phases(files: readonly SourceFile[], parser: Parser, alone: Alone): Phases {
  const parse = timed(() => {
    for (const { file, text } of files) alone(text, languageOf(file, text));
  });
  const collect = timed(() => files.map(({ file, text }) => parseFile(file, text, parser)));
  const connect = timed(() => callGraphOf(collect.value, parser));
  const explore = timed(() => analyze(connect.value, () => {}));
  return {
    parse: parse.ms,
    collect: collect.ms,
    connect: connect.ms,
    explore: explore.ms,
    steps: explore.value.steps,
  };
}

/** Milliseconds; a text: why there is no number. */
function cppcheck(files: readonly string[]): number | string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-bench-'));
  try {
    const list = path.join(folder, 'files.txt');
    writeFileSync(list, `${files.join('\n')}\n`);
    const { value, ms } = timed(() =>
      spawnSync('cppcheck', ['--library=python', '--quiet', `--file-list=${list}`], {
        stdio: 'ignore',
        timeout: 600_000,
      }),
    );
    if (value.error !== undefined) {
      const isAbsent = 'code' in value.error && value.error.code === 'ENOENT';
      return isAbsent ? 'it is not installed' : value.error.message;
    }
    return value.status === 0 ? ms : `it ended with ${value.status ?? value.signal}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Input {
  readonly files: readonly SourceFile[];
  /** Absolute paths of the files without the headers that were added. */
  readonly paths: readonly string[];
}

async function readInput(paths: readonly string[]): Promise<Input> {
  const cwd = process.cwd();
  const texts = new Map<string, string>();
  for (const file of findFiles(paths, cwd).files) {
    const source = readSource(file);
    if (source.kind === 'skipped') console.log(`left out: ${file}: ${source.reason}`);
    else texts.set(file, source.text);
  }
  const includes = projectIncludes(disk);
  const headers = await readHeaders(texts, includes);
  const files = [...texts, ...headers].map(([file, text]) => ({
    file: path.relative(cwd, file),
    text,
    includePaths: includes.of(file).map((folder) => path.relative(cwd, folder)),
  }));
  return { files, paths: [...texts.keys()] };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '5' } },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a positive number');
  const { files, paths } = await readInput(positionals.length > 0 ? positionals : DEFAULT_PATHS);
  if (files.length === 0) throw new Error('no C files there');
  const parser = await loadParser({ backend: 'auto' });
  const alone = parsingAlone();

  // The first round compiles the code and is not counted.
  const whole: number[] = [];
  const parts: Phases[] = [];
  let checked = check(files, parser, DEFAULT_SETTINGS);
  // Before the phases, which keep every syntax tree at once.
  const peak = process.resourceUsage().maxRSS;
  phases(files, parser, alone);
  for (let i = 0; i < rounds; i++) {
    parts.push(phases(files, parser, alone));
    const round = timed(() => check(files, parser, DEFAULT_SETTINGS));
    checked = round.value;
    whole.push(round.ms);
  }
  const of = (phase: keyof Phases): number => median(parts.map((p) => p[phase]));
  const total = median(whole);
  const { lines, functions } = checked.stats;

  console.log(
    `${files.length} files, ${lines} lines, ${functions} functions, ` +
      `${checked.findings.length} findings, parser: ${parser.backend}, rounds: ${rounds}\n`,
  );
  const row = (name: string, ms: number): string[] => [
    name,
    ms.toFixed(1),
    (ms / of('parse')).toFixed(2),
    ((lines / ms) * 1000).toFixed(0),
  ];
  const peer = cppcheck(paths);
  console.log(
    table(
      ['', 'ms', 'x parse', 'lines/s'],
      [
        row('tree-sitter alone', of('parse')),
        row('whole check', total),
        row('  outlines, macros, declarations', of('collect')),
        row('  headers and call graph', of('connect')),
        row('  bodies parsed and explored', of('explore')),
        ...(typeof peer === 'number' ? [row('cppcheck --library=python', peer)] : []),
      ],
    ),
  );
  console.log(`\nbasic blocks executed per line: ${(of('steps') / lines).toFixed(2)}`);
  console.log(`peak memory of the process: ${(peak / 1024).toFixed(0)} MiB`);
  console.log(
    typeof peer === 'number'
      ? `cppcheck takes ${(peer / total).toFixed(1)} times the check (a process of its own, one round)`
      : `cppcheck was not compared: ${peer}`,
  );
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
