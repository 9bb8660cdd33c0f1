// What is simulated of AddressSanitizer and Valgrind is what they print: every line of it, in its order, for each
// subject and each setting of PYTHONMALLOC.
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { FlaggedPath, Step } from '../../simulator/flagged-path.ts';
import { BUILDS } from '../../simulator/target.ts';
import { TOOLS, type ToolReport, toolReport } from '../../simulator/tool-report.ts';
import { checkText } from '../check/fixture.ts';
import {
  access,
  alloc,
  failedAlloc,
  free,
  FREE,
  MALLOC,
  MEM,
  MEM_FREE,
  pathOf,
} from '../replay/path-builder.ts';
import { realTarget } from '../reproduce/real-run.ts';
import { buildSubjects, needsRealTool, runSubjects, SUBJECTS } from './real-tools.ts';

const TEXT = readFileSync(SUBJECTS, 'utf8');
const LINES = TEXT.split('\n');
/** What is run beside the release build, unless TOOLS_FULL is set: there it is all. */
const SAMPLE: ReadonlySet<string> = new Set([
  'mem_then_free',
  'malloc_then_mem',
  'large_mem_then_free',
  'double_raw_free',
  'write_after_mem_free',
  'mem_leak',
  'raw_then_mem',
  'grown_from_null_leak',
]);

const isFull = (process.env['TOOLS_FULL'] ?? '') !== '';

const paths = new Map<string, FlaggedPath>();

beforeAll(async () => {
  const parser = await loadParser({ backend: 'native' });
  for (const { at, flaggedPath } of checkText(TEXT, parser, 'subjects.c').findings)
    paths.set(functionAt(at.line), flaggedPath);
  // What no rule finds.
  const over = { offset: 9, size: 1 };
  paths.set(
    'overflow',
    placed('overflow', [alloc('p', MALLOC, 8), access('write', 'p', over), free('p', FREE)]),
  );
  paths.set(
    'mem_overflow',
    placed('mem_overflow', [alloc('p', MEM, 8), access('write', 'p', over), free('p', MEM_FREE)]),
  );
  const start = { offset: 0, size: 1 };
  paths.set(
    'null_write',
    placed('null_write', [failedAlloc('p', MALLOC, 8), access('write', 'p', start)]),
  );
  paths.set(
    'empty_write',
    placed('empty_write', [alloc('p', MALLOC, 0), access('write', 'p', start), free('p', FREE)]),
  );
  paths.set('clean', placed('clean', [alloc('p', MEM, 24), free('p', MEM_FREE)]));
});

test('every subject has a path', () => {
  const names = [...TEXT.matchAll(/SUBJECT\((\w+)\)[,]/g)].map((match) => match[1]);
  expect(names.filter((name) => name === undefined || !paths.has(name))).toEqual([]);
});

for (const tool of TOOLS)
  needsRealTool(tool).describe(tool, () => {
    let folder = '';
    beforeAll(() => {
      folder = buildSubjects(tool);
    });
    afterAll(() => {
      if (folder !== '') rmSync(folder, { recursive: true });
    });

    test('prints what is simulated', () => {
      const found = realTarget();
      if (found === null) return;
      const wrong: string[] = [];
      const says = { report: 0, nothing: 0, stopped: 0, unknown: 0 };
      for (const build of BUILDS) {
        const shown = [...paths].filter(
          ([name]) => isFull || build === 'release' || SAMPLE.has(name),
        );
        const names = shown.map(([name]) => name);
        const real = runSubjects(folder, tool, build, names);
        for (const [name, path] of shown) {
          const report = toolReport(path, { ...found, build }, tool);
          says[report.says]++;
          const why = differs(report, real.get(name) ?? '');
          if (why !== null)
            wrong.push(
              `${name}, ${build}: ${why}\n${report.summary}\n${real.get(name)?.slice(0, 1500)}`,
            );
        }
      }
      process.stdout.write(`${tool}: ${JSON.stringify(says)}, ${wrong.length} otherwise\n`);
      expect(wrong).toEqual([]);
    }, 600_000);
  });

/** null: it is as simulated. */
function differs({ tool, target, says, lines, kind }: ToolReport, real: string): string | null {
  const heads =
    tool === 'asan'
      ? /^==\d+==ERROR: .*$/gm
      : /^==\d+== (?:Invalid|Mismatched|Process terminating|.*definitely lost in).*$/gm;
  const told = [...real.matchAll(heads)].map(([line]) => line);
  switch (says) {
    case 'unknown':
      return null;
    case 'nothing':
      return told.length === 0 ? null : `it says: ${told[0]}`;
    case 'stopped': {
      if (
        target.build.includes('debug') &&
        !/SEGV/.test(kind ?? '') &&
        !/Debug memory block|Fatal Python error/.test(real)
      )
        return 'the hooks say nothing';
      return told.every((line) => /SEGV|SIGSEGV|SIGABRT|Invalid (?:read|write)/.test(line)) &&
        (lines.length === 0 || missing(lines, real) === null)
        ? null
        : `it says: ${told[0]}`;
    }
    case 'report': {
      const [first = ''] = lines.filter((line) => line !== '');
      if (!pattern(first).test(told[0] ?? '')) return `its first words are: ${told[0]}`;
      return missing(lines, real);
    }
  }
}

/** The first line that is not there, or not in its place. */
function missing(lines: readonly string[], real: string): string | null {
  let from = 0;
  for (const line of lines.filter((each) => each !== '')) {
    const found = pattern(line).exec(real.slice(from));
    if (found === null) return `missing: ${line}`;
    from += found.index + found[0].length;
  }
  return null;
}

function pattern(line: string): RegExp {
  const text = line
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('PID', String.raw`\d+`)
    .replaceAll('0x\u2026', '(?:0x)?[0-9a-fA-FxX]+')
    .replaceAll('#n', String.raw`#\d+`)
    .replaceAll(String.raw`\?`, '[0-9,]+')
    .replaceAll(/ in (free|malloc|calloc|realloc)\b/g, ' in (?:__interceptor_)?$1')
    .replaceAll('\u2026', '.*?')
    .replaceAll('bytes to the right of', 'bytes (?:to the right of|after)');
  return new RegExp(`^${text.replace(/ (?=subjects)/, ' .*')}`, 'm');
}

function functionAt(line: number): string {
  const head = LINES.slice(0, line).findLast((text) => text.startsWith('static void '));
  return /^static void (\w+)/.exec(head ?? '')?.[1] ?? '';
}

/** The steps on the lines of the function that mention the block. */
function placed(name: string, steps: readonly Step[]): FlaggedPath {
  const start = LINES.indexOf(`static void ${name}(void)`);
  const lines = LINES.flatMap((text, index) =>
    index > start && index < start + 9 && /\bp\b.*[(=]/.test(text) && !text.includes('if')
      ? [index + 1]
      : [],
  );
  return pathOf(
    ...steps.map((step, index) => ({
      ...step,
      at: { ...step.at, file: 'subjects.c', line: lines[index] ?? 0 },
    })),
  );
}
