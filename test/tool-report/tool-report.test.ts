// What is simulated of AddressSanitizer and Valgrind, without them: what they say, and where it is not known.
import { expect, test } from 'vitest';
import type { Step } from '../../simulator/flagged-path.ts';
import { BUILDS, RELEASE, type Target } from '../../simulator/target.ts';
import type { Tool } from '../../simulator/tool-finding.ts';
import { TOOLS, toolReport } from '../../simulator/tool-report.ts';
import {
  access,
  alloc,
  failedAlloc,
  failedRealloc,
  free,
  FREE,
  GC_NEW,
  holder,
  MALLOC,
  MEM,
  MEM_FREE,
  MEM_REALLOC,
  OBJECT_FREE,
  pathOf,
  realloc,
  threadState,
} from '../replay/path-builder.ts';

const on = (build: Target['build']): Target => ({ ...RELEASE, build });

/** Of a size that the source does not fix. */
function unsized(call: typeof MALLOC): Step {
  const made = alloc('p', call, 40);
  return { ...made, size: { ...made.size, chosen: true } };
}

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

test('a write whose place was chosen for the replay is not told to be in order', () => {
  const write = access('write', 'p', { offset: 0, size: 400 });
  const chosen = { ...write, offset: { ...write.offset, chosen: true } };
  const path = pathOf(alloc('p', MALLOC, 100), chosen, free('p', FREE));
  for (const tool of TOOLS)
    for (const build of BUILDS) expect(toolReport(path, on(build), tool).says).toBe('unknown');
  const inside = pathOf(alloc('p', MALLOC, 400), chosen, free('p', FREE));
  expect(toolReport(inside, RELEASE, 'asan').summary).toContain('every call is in order');
});

test('a mistake that was not measured is not called order', () => {
  const ldap = { api: 'ber_strdup', family: 'ldap-mem' } as const;
  const start = { offset: 0, size: 1 };
  const paths = [
    pathOf(failedAlloc('p', ldap, 8), access('write', 'p', start)),
    pathOf(alloc('p', ldap, 8), access('write', 'p', { offset: 9, size: 1 })),
    pathOf(alloc('p', MALLOC, 8), failedRealloc('p', MEM_REALLOC, 100), free('p', FREE)),
  ];
  for (const path of paths)
    for (const tool of TOOLS) expect(toolReport(path, RELEASE, tool).says).toBe('unknown');
  const detached = pathOf(threadState(false), alloc('p', MEM, 8));
  for (const tool of TOOLS)
    expect(toolReport(detached, RELEASE, tool)).toMatchObject({
      says: 'nothing',
      summary: expect.stringContaining('no thread state is attached'),
    });
});

test('the function that is watched depends on where the old block lies', () => {
  let tool: Tool = 'asan';
  const watched = (build: Target['build'], ...steps: readonly Step[]): string | undefined =>
    toolReport(pathOf(...steps), on(build), tool)
      .lines.find((line) => /    #0|   at /.test(line))
      ?.replace(/.* (\w+) \S*$/, '$1');
  const lost = holder('drop', "p'", "p'");
  const grown = [alloc('p', MEM, 24), realloc('p', MEM_REALLOC, 601), lost] as const;
  expect(watched('release', ...grown)).toBe('malloc');
  expect(watched('malloc', ...grown)).toBe('realloc');
  const shrunk = [alloc('p', MEM, 700), realloc('p', MEM_REALLOC, 603), lost] as const;
  expect(watched('release', ...shrunk)).toBe('realloc');
  const ofNull = [alloc('p', MEM_REALLOC, 602), holder('drop', 'p', 'p')] as const;
  expect(watched('release', ...ofNull)).toBe('malloc');
  expect(watched('malloc_debug', ...ofNull)).toBe('malloc');
  expect(watched('malloc', ...ofNull)).toBe('realloc');
  tool = 'valgrind';
  expect(watched('malloc', ...ofNull)).toBe('malloc');
});

test('a pointer into a block of a pool is not in order', () => {
  const path = pathOf(alloc('o', GC_NEW, 64), free('o', MEM_FREE));
  for (const tool of TOOLS)
    expect(toolReport(path, RELEASE, tool).summary).toContain('pymalloc does not check');
});

test('of 0 bytes AddressSanitizer makes one, and so does CPython', () => {
  const lost = holder('drop', 'p', 'p');
  const libc = pathOf(alloc('p', MALLOC, 0), lost);
  const mem = pathOf(alloc('p', MEM, 0), lost);
  expect(toolReport(libc, RELEASE, 'valgrind').lines[0]).toContain('0 bytes in 1 blocks');
  expect(toolReport(mem, RELEASE, 'valgrind').lines[0]).toContain('1 bytes in 1 blocks');
  expect(toolReport(libc, RELEASE, 'asan').lines.join()).toContain('leak of 1 byte(s)');
});

test('a size that the source does not fix is not told, and what it decides is', () => {
  const lost = pathOf(unsized(MALLOC), holder('drop', 'p', 'p'));
  expect(toolReport(lost, RELEASE, 'asan').lines.join()).toContain('leak of ? byte(s)');
  expect(toolReport(lost, RELEASE, 'valgrind').lines[0]).toContain('? bytes in 1 blocks');
  expect(toolReport(lost, RELEASE, 'asan').notes.join()).not.toContain('does not fix');
  const used = pathOf(
    unsized(MEM),
    free('p', MEM_FREE),
    access('write', 'p', { offset: 8, size: 4 }),
  );
  expect(toolReport(used, on('malloc'), 'asan').lines.join()).toContain('inside of ?-byte region');
  for (const tool of TOOLS)
    expect(toolReport(used, RELEASE, tool)).toMatchObject({
      says: 'nothing',
      notes: [expect.stringMatching(/40 bytes are taken\. With 600: \w+ reports: /)],
    });
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
