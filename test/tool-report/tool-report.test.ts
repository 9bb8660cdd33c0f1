// What is simulated of AddressSanitizer and Valgrind, without them: what they say, and where it is not known.
import { expect, test } from 'vitest';
import { BUILDS, RELEASE, type Target } from '../../simulator/target.ts';
import { TOOLS, toolReport } from '../../simulator/tool-report.ts';
import {
  access,
  alloc,
  failedAlloc,
  free,
  FREE,
  GC_NEW,
  holder,
  MALLOC,
  MEM,
  MEM_FREE,
  OBJECT_FREE,
  pathOf,
  realloc,
  threadState,
} from '../replay/path-builder.ts';

const on = (build: Target['build']): Target => ({ ...RELEASE, build });

test('a block of a pool is foreign to free() and invisible when it leaks', () => {
  const freed = pathOf(alloc('p', MEM, 32), free('p', FREE));
  expect(toolReport(freed, RELEASE, 'asan')).toMatchObject({ says: 'report', kind: 'bad-free' });
  expect(toolReport(freed, RELEASE, 'valgrind').lines.at(-1)).toContain('anonymous segment');
  expect(toolReport(freed, on('malloc'), 'asan').says).toBe('nothing');
  const lost = pathOf(alloc('p', MEM, 32), holder('drop', 'p', 'p'));
  for (const tool of TOOLS) {
    expect(toolReport(lost, RELEASE, tool).summary).toContain('PYTHONMALLOC=malloc gives it');
    expect(toolReport(lost, on('malloc'), tool).says).toBe('report');
  }
});

test('over 512 bytes the same block is one of malloc()', () => {
  const path = pathOf(
    alloc('p', MEM, 513),
    free('p', MEM_FREE),
    access('write', 'p', { offset: 8, size: 4 }),
  );
  expect(toolReport(path, RELEASE, 'asan').lines).toContain(
    'WRITE of size 4 at 0x\u2026 thread T0',
  );
  expect(toolReport(path, RELEASE, 'valgrind').lines).toContain(
    "==PID==  Address 0x\u2026 is 8 bytes inside a block of size 513 free'd",
  );
});

test('headers before a block count: the hooks, and those of the collector', () => {
  const freed = pathOf(alloc('p', MEM, 24), free('p', FREE));
  expect(toolReport(freed, on('malloc_debug'), 'asan').lines.join()).toContain(
    '16 bytes inside of 48-byte region',
  );
  const object = pathOf(alloc('o', GC_NEW, 64), free('o', FREE));
  expect(toolReport(object, on('malloc'), 'asan').lines.join()).toContain(
    '16 bytes inside of 80-byte region',
  );
});

test('a path in order, or whose allocation fails, is silent', () => {
  const inOrder = pathOf(alloc('p', MALLOC, 8), free('p', FREE));
  const failed = pathOf(failedAlloc('p', MALLOC, 8), free('p', FREE));
  for (const path of [inOrder, failed])
    for (const build of BUILDS)
      for (const tool of TOOLS) expect(toolReport(path, on(build), tool).says).toBe('nothing');
});

test('what was not measured is not told', () => {
  const sqlite = { api: 'sqlite3_malloc', family: 'sqlite' } as const;
  const path = pathOf(alloc('p', sqlite, 8), free('p', FREE));
  expect(toolReport(path, RELEASE, 'asan')).toMatchObject({ says: 'unknown', lines: [] });
  const back = pathOf(alloc('p', MALLOC, 8), free('p', MEM_FREE));
  expect(toolReport(back, { ...RELEASE, python: '3.8' }, 'valgrind').says).toBe('unknown');
  expect(toolReport(back, { ...RELEASE, python: '3.8' }, 'asan').says).toBe('nothing');
});

test('every report is labeled, and no path makes it throw', () => {
  const paths = [
    pathOf(free('p', FREE)),
    pathOf(alloc('p', MEM, 0), free('p', OBJECT_FREE, 8), free('p', MEM_FREE)),
    pathOf(alloc('p', MALLOC, 8), realloc('p', MEM, 0), free("p'", MEM_FREE)),
    pathOf(threadState(false), alloc('p', MEM, 8)),
    pathOf(failedAlloc('p', MEM, 8), access('read', 'p', { offset: 0, size: 1 })),
  ];
  for (const path of paths)
    for (const build of BUILDS)
      for (const tool of TOOLS) {
        const report = toolReport(path, on(build), tool);
        expect(report.model).toMatch(/^simulated: /);
        expect(report.summary).toMatch(/\.$/);
      }
});
