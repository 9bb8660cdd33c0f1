// The replay of a finding in the terminal, as JSON and as a page; on the real simulator.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_PROJECT_OPTIONS } from '../../server/cli/load-project.ts';
import { replayCommand, type ReplayOptions } from '../../server/cli/replay-command.ts';
import { findingAt, parsePlace } from '../../server/cli/place.ts';
import type { Finding } from '../../server/finding.ts';
import { captured } from './captured-terminal.ts';
import { fakeProduct } from './fake-product.ts';
import { FINDING } from './sample-report.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-replay-'));
  mkdirSync(path.join(folder, 'src'));
  writeFileSync(path.join(folder, 'src/fill.c'), 'int x;\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(options: Partial<ReplayOptions>, findings = [FINDING]) {
  const terminal = captured(folder);
  const defaults: ReplayOptions = {
    place: 'src/fill.c:11',
    build: null,
    python: '3.11',
    libc: 'glibc-2.36',
    step: null,
    verdict: false,
    tool: null,
    html: null,
    svg: null,
    format: 'text',
    ...NO_PROJECT_OPTIONS,
    parser: 'auto',
  };
  const status = await replayCommand(
    { ...defaults, ...options },
    fakeProduct(...findings),
    folder,
    terminal,
  );
  return { status, output: terminal.output(), errors: terminal.errors() };
}

function atLine(line: number) {
  return { ...FINDING.at, line, endLine: line };
}

describe('text', () => {
  test('both targets in short, the details of the one that dies, labeled as simulated', async () => {
    const { status, output } = await run({});
    expect(status).toBe(0);
    expect(output).toContain("error[mismatched-free]: 'buf' from PyMem_Malloc is released by free");
    expect(output.replaceAll(/\s+/g, ' ')).toContain(
      'Shown on CPython 3.11, release build, glibc 2.36: on the release build it dies at the flagged step with SIGABRT: double free or corruption (out); on PYTHONMALLOC=debug it dies at the flagged step with SIGSEGV, and prints nothing.',
    );
    expect(output).toContain('SIMULATED: CPython 3.11');
    // One of the C library's own words for a pointer that is none of its chunks, in the frame.
    expect(output).toMatch(/^\| (?:double free or corruption|free\(\): invalid|munmap_chunk)/m);
    expect(output).toContain('SIGABRT, simulated: no process was run');
  });

  test('one target has no summary of both', async () => {
    const { output } = await run({ build: 'debug' });
    expect(output).not.toContain('Shown on');
    expect(output).not.toContain('release build');
    expect(output).toContain('PYTHONMALLOC=debug');
  });

  test('another Python and another C library are replayed as they are', async () => {
    const { output } = await run({ build: 'release', python: '3.8', libc: 'glibc-2.31' });
    expect(output).toContain('SIMULATED: CPython 3.8, release build, glibc 2.31');
    const debug = await run({ build: 'debug', python: '3.8', libc: 'glibc-2.31' });
    expect(debug.output).toContain('CPython 3.8, PYTHONMALLOC=debug, glibc 2.31');
  });

  test('the verdict is a table for 80 columns', async () => {
    const { output } = await run({ verdict: true });
    expect(output).toContain('How it ends  SIMULATED (model 1)\n  release build\n');
    expect(output).toContain('    DIES HERE        SIGABRT: double free or corruption (out)\n');
    expect(output).toContain('  PYTHONMALLOC=malloc\n    HARMLESS');
    for (const line of output.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(80);
    const { verdict } = JSON.parse((await run({ verdict: true, format: 'json' })).output);
    expect(verdict.rows[0]).toMatchObject({ builds: ['release'], end: { kind: 'dies here' } });
  });

  test('a memory checker: what it prints on a release build, and its silence with PYTHONMALLOC=malloc', async () => {
    const { output } = await run({ tool: 'asan' });
    expect(output).toContain('SIMULATED: AddressSanitizer on CPython 3.11, release build');
    expect(output).toMatch(/^\| ==PID==ERROR: AddressSanitizer: attempting free on address/m);
    expect(output).toMatch(/PYTHONMALLOC=malloc, .*\nAddressSanitizer says nothing: /);
    expect(output).not.toContain('Steps');
    const { tools } = JSON.parse((await run({ tool: 'valgrind', format: 'json' })).output);
    expect(tools).toMatchObject([
      { tool: 'valgrind', says: 'report', target: { build: 'release' } },
      { tool: 'valgrind', says: 'nothing', kind: null, lines: [], target: { build: 'malloc' } },
    ]);
  });

  test('one step shows the heap after it', async () => {
    const { output } = await run({ step: 1, build: 'release' });
    expect(output).toMatch(/Step 1 of \d+: .*PyMem_Malloc/);
    expect(output).toContain('SIMULATED');
    expect(output).not.toContain('SIGABRT');
  });

  test('a step that does not exist is an error with the range', async () => {
    await expect(run({ step: 99 })).rejects.toThrow(/there is no step 99.*steps 0 to \d/);
  });
});

test('a picture is of the end, or of the step that is asked for', async () => {
  const file = path.join(folder, 'crash.svg');
  const { errors } = await run({ svg: 'crash.svg' });
  expect(errors).toBe('Wrote crash.svg.\n');
  expect(readFileSync(file, 'utf8')).toContain('SIMULATED SIGABRT: no process was run');
  await run({ svg: 'crash.svg', step: 1, build: 'debug' });
  expect(readFileSync(file, 'utf8')).toMatch(
    /SIMULATED: CPython 3\.11, PYTHONMALLOC=debug[^]*Heap after step 1 of /,
  );
});

test('JSON has the finding and every replay', async () => {
  const { output } = await run({ format: 'json' });
  const { finding, replays } = JSON.parse(output);
  expect(finding).toMatchObject({ rule: 'mismatched-free', line: 11, column: 2 });
  expect(replays).toHaveLength(2);
  expect(replays[0]).toMatchObject({
    target: { build: 'release' },
    model: expect.stringMatching(/^simulated: /),
    outcome: { verdict: 'crash', fault: { signal: 'SIGABRT' } },
  });
});

describe('a page', () => {
  test('has the panel and the path', async () => {
    writeFileSync(path.join(folder, 'heap-panel.js'), 'document.title;');
    writeFileSync(path.join(folder, 'heap-panel.css'), 'body { margin: 0 }');
    const { errors } = await run({ html: 'crash.html' });
    expect(errors).toBe('Wrote crash.html.\n');
    const page = readFileSync(path.join(folder, 'crash.html'), 'utf8');
    expect(page).toContain('document.title;');
    expect(page).toContain('"rule":"mismatched-free"');
    expect(page).toContain('"build":"release"');
    await run({ html: 'crash.html', build: 'malloc', python: '3.9', step: 1 });
    expect(readFileSync(path.join(folder, 'crash.html'), 'utf8')).toContain(
      '"target":{"python":"3.9","build":"malloc","libc":"glibc-2.36","bits":64},"frame":1',
    );
  });

  test('needs the built panel and a folder to be written to', async () => {
    rmSync(path.join(folder, 'heap-panel.css'));
    await expect(run({ html: 'crash.html' })).rejects.toThrow('run npm run build');
    writeFileSync(path.join(folder, 'heap-panel.css'), '');
    await expect(run({ html: 'none/crash.html' })).rejects.toThrow(
      "cannot write 'none/crash.html'",
    );
  });
});

describe('the finding that is meant', () => {
  const early = { ...FINDING, at: atLine(10), path: [] };
  const late = { ...FINDING, at: atLine(40), path: [{ ...FINDING.path[1]!, at: atLine(24) }] };

  test('is the nearest by its report, then by its path', () => {
    const find = (line: number) => findingAt([early, late], { file: 'x.c', line });
    expect(find(1)).toBe(early);
    expect(find(12)).toBe(early);
    expect(find(24)).toBe(late);
    expect(find(41)).toBe(late);
  });

  test('is the first without a line; none is an error', async () => {
    expect(findingAt([early, late], { file: 'x.c', line: null })).toBe(early);
    await expect(run({}, [])).rejects.toThrow('src/fill.c has no finding to replay.');
  });

  test('is named as editors and compilers do', () => {
    expect(parsePlace('a.c', folder)).toEqual({ file: 'a.c', line: null });
    expect(parsePlace('a.c:7', folder)).toEqual({ file: 'a.c', line: 7 });
    expect(parsePlace('a.c:7:3', folder)).toEqual({ file: 'a.c', line: 7 });
    expect(parsePlace('C:\\x\\a.c:7', folder)).toEqual({ file: 'C:\\x\\a.c', line: 7 });
    writeFileSync(path.join(folder, 'odd:5'), '');
    expect(parsePlace('odd:5', folder)).toEqual({ file: 'odd:5', line: null });
    expect(() => parsePlace('a.c:0', folder)).toThrow('lines count from 1');
    expect(() => parsePlace('.', folder)).toThrow("'.' is not a file: name one");
  });
});

function at(line: number, rule: string): Finding {
  return { ...FINDING, rule, path: [], at: { ...FINDING.at, line, endLine: line } };
}

test('what a check leaves out is meant on its own line only', () => {
  const all = [at(3, 'shown'), at(7, 'hidden'), at(9, 'shown')];
  const nearest = (line: number | null, findings = all): Finding =>
    findingAt(findings, { file: 'a.c', line }, ({ rule }) => rule === 'shown');
  expect(nearest(7).at.line).toBe(7);
  expect(nearest(6).at.line).toBe(3);
  expect(nearest(null).at.line).toBe(3);
  expect(nearest(1, [at(7, 'hidden')]).at.line).toBe(7);
});
