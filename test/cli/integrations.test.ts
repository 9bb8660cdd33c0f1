// What other programs start: the action's step, the hook's command, the matchers of our lines, the package.
import { execFileSync, spawnSync, type StdioOptions } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatConcise } from '../../server/cli/formats/concise.ts';
import { formatGcc } from '../../server/cli/formats/gcc.ts';
import { PLAIN } from '../../server/cli/terminal.ts';
import { ruleUrl } from '../../server/lsp/protocol.ts';
import { RULES } from '../../server/rules/index.ts';
import { SUPPRESSION_RULES } from '../../server/suppressions/suppression-rules.ts';
import { buildCli, cli, ROOT } from './built-cli.ts';
import { FINDING, reportOf } from './sample-report.ts';

let folder = '';
beforeAll(() => {
  buildCli();
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-integrations-'));
  writeFileSync(
    path.join(folder, 'a b.c'),
    '#include <Python.h>\nvoid f(void) { char *p = PyMem_Malloc(8); free(p); }\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

describe('the action', () => {
  test('annotates, sums up, writes SARIF, and fails with the check', () => {
    const { status, stdout } = spawnSync('bash', [path.join(ROOT, 'scripts/action.sh')], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        GITHUB_ACTION_PATH: ROOT,
        GITHUB_STEP_SUMMARY: path.join(folder, 'summary.md'),
        PYMEM_LINT_PATHS: '*.c',
        PYMEM_LINT_ARGS: '--no-cache --fail-on error',
        PYMEM_LINT_SARIF: 'out.sarif',
      },
    });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error title=pymem-lint \(mismatched-free\),file=a b\.c,line=2/);
    expect(readFileSync(path.join(folder, 'summary.md'), 'utf8')).toContain('1 finding');
    expect(JSON.parse(readFileSync(path.join(folder, 'out.sarif'), 'utf8')).version).toBe('2.1.0');
  });

  test('hands its inputs to that step', () => {
    const action = read('action.yml');
    expect(action).toContain('run: bash "$GITHUB_ACTION_PATH/scripts/action.sh"');
    const script = read('scripts/action.sh');
    for (const [, name = ''] of action.matchAll(/^ {8}(PYMEM_LINT_\w+): \$\{\{ inputs\./gm)) {
      expect(script).toContain(`\${${name}:-`);
    }
  });
});

test('the pre-commit hook runs a command that there is', () => {
  const [, entry = ''] = /^ {2}entry: pymem-lint (.*)$/m.exec(read('.pre-commit-hooks.yaml')) ?? [];
  expect(entry).not.toBe('');
  const { status } = cli([...entry.split(' '), '--no-cache', 'a b.c'], { cwd: folder });
  expect(status).toBe(1);
});

test('npm pack prints the name of the package alone, as pre-commit reads it', () => {
  const packed = path.join(folder, 'packed');
  mkdirSync(packed);
  writeFileSync(path.join(packed, '.npmrc'), read('.npmrc'));
  const manifest = { name: 'p', version: '1.0.0', scripts: { prepack: 'echo built' } };
  writeFileSync(path.join(packed, 'package.json'), JSON.stringify(manifest));
  const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
  const printed = execFileSync('npm', ['pack'], { cwd: packed, encoding: 'utf8', stdio });
  expect(printed).toBe('p-1.0.0.tgz\n');
});

test('the problem matchers read our lines and not the steps of a path', () => {
  const options = {
    colors: PLAIN,
    isQuiet: false,
    withVerdict: false,
    columns: null,
    page: noPage,
  };
  const report = reportOf({ ...FINDING, confidence: 'likely', severity: 'info' });
  const concise = formatConcise(report, options).trimEnd();
  const gcc = formatGcc(report, options).trimEnd().split('\n');
  const matcher = JSON.parse(read('docs/problem-matcher.json')).problemMatcher[0].pattern[0];
  const manifest = JSON.parse(read('package.json')).contributes.problemMatchers[0];
  expect(manifest.pattern).toEqual(matcher);
  const expression = new RegExp(matcher.regexp);
  for (const line of [concise, gcc[0] ?? '']) {
    expect(expression.exec(line)?.slice(1)).toEqual([
      'src/fill.c',
      '11',
      '2',
      'note',
      "'buf' from PyMem_Malloc is released by free (likely)",
      'mismatched-free',
    ]);
  }
  expect(gcc.slice(1).some((line) => expression.test(line))).toBe(false);
});

function noPage(): never {
  throw new Error('lines are no page');
}

describe('the npm package', () => {
  test('installed into an empty folder, gives npx its program', () => {
    const app = path.join(folder, 'app');
    mkdirSync(app);
    writeFileSync(path.join(app, 'package.json'), '{ "private": true }');
    // Without the native parsers, which are optional: nothing is asked of a registry.
    const npm = (...args: readonly string[]): string =>
      execFileSync('npm', args, {
        cwd: app,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    npm('pack', ROOT, '--ignore-scripts');
    const [tarball = ''] = readdirSync(app).filter((name) => name.endsWith('.tgz'));
    npm('install', tarball, '--offline', '--omit=optional', '--no-audit', '--no-fund');
    const check = ['check', path.join(ROOT, 'examples'), '--no-cache', '--output-format', 'json'];
    const { status, stdout } = spawnSync('npx', ['--offline', 'pymem-lint', ...check], {
      cwd: app,
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: cli(check, { cwd: app }).stdout });
    expect(JSON.parse(stdout).findings.length).toBeGreaterThan(4);
  });

  test('has the files that documents speak of, and none of the sources', () => {
    const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(listing);
    const names = files.map((file) => file.path);
    const bundles = readdirSync(path.join(ROOT, 'dist')).filter((name) => !name.endsWith('.map'));
    expect(names).toEqual(expect.arrayContaining(bundles.map((name) => `dist/${name}`)));
    expect(names).toContain('docs/pymem-lint.schema.json');
    expect(names).toContain('docs/problem-matcher.json');
    expect(names.filter((name) => /^(test|server|client|simulator)\//.test(name))).toEqual([]);
  });
});

test('links between documents lead somewhere', () => {
  const folders = ['.', 'docs', 'docs/rules', 'examples', 'media/walkthrough'];
  const documents = folders.flatMap((name) =>
    readdirSync(path.join(ROOT, name))
      .filter((file) => file.endsWith('.md'))
      .map((file) => path.join(name, file)),
  );
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
      .filter(([, file = '', anchor]) => {
        const target = file === '' ? document : path.join(path.dirname(document), file);
        if (!existsSync(path.join(ROOT, target))) return true;
        return anchor !== undefined && !anchors(target).includes(anchor);
      })
      .map(([link]) => `${document}: ${link}`),
  );
  expect(broken).toEqual([]);
  // What findings link to.
  for (const { id } of [...RULES, ...SUPPRESSION_RULES]) {
    expect(documents).toContain(ruleUrl(id).replace(/^.*\/blob\/main\//, ''));
  }
});

/** As GitHub names the headings of a document. */
function anchors(document: string): readonly string[] {
  return Array.from(read(document).matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
