// Functions that a project declares: what the analysis then finds, and no longer finds.
import { expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { createProject } from '../../server/config/project.ts';
import { readConfig } from '../../server/config/read-config.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import { RELEASE } from '../../simulator/target.ts';
import { replay } from '../../simulator/replay.ts';

const parser = await loadParser({ backend: 'auto' });

const CONFIG = `
families = ["frame-pool"]
[[functions]]
name = "my_alloc"
allocates = "mem"
[[functions]]
name = "my_free"
releases = "mem"
[[functions]]
name = "pool_take"
allocates = "frame-pool"
size = [2, 3]
[[functions]]
name = "pool_give"
releases = "frame-pool"
argument = 2
[[functions]]
name = "XMALLOC"
like = "PyMem_Malloc"
[[functions]]
name = "die"
no-return = true
`;

function findingsIn(text: string, config = CONFIG) {
  const file = readConfig('/p/pymem-lint.toml', config, 'pymem-lint.toml');
  const flags = {
    select: [],
    ignore: [],
    minConfidence: null,
    generated: null,
    exclude: [],
    cwd: '/p',
  };
  const settings = createProject(() => file, flags).settingsOf('/p/a.c');
  return check([{ file: 'a.c', text: `#include <Python.h>\n${text}` }], parser, settings).findings;
}

function found(text: string, config?: string): string[] {
  return findingsIn(text, config).map(({ rule, message }) => `${rule}: ${message}`);
}

test('a wrapper out of view allocates as it is declared', () => {
  expect(found('void f(void) { char *p = my_alloc(8); if (p) free(p); }')).toEqual([
    "mismatched-free: 'p' from my_alloc is released by free; use PyMem_Free",
  ]);
  expect(found('void f(void) { char *p = my_alloc(8); my_free(p); }')).toEqual([]);
  expect(found('void f(void) { char *p = malloc(8); my_free(p); }')).toHaveLength(1);
  expect(found('void f(void) { char *p = XMALLOC(8); if (p) free(p); }')).toHaveLength(1);
});

test('undeclared, nothing is known of it', () => {
  expect(found('void f(void) { char *p = my_alloc(8); if (p) free(p); }', '')).toEqual([]);
});

test('an allocator of its own mixes with no other', () => {
  const take = 'char *p = pool_take(pool, 4, 8); if (!p) return;';
  expect(found(`void f(void *pool) { ${take} pool_give(pool, p); }`)).toEqual([]);
  const [finding] = findingsIn(`void f(void *pool) { ${take} free(p); }`);
  expect(finding?.message).toBe("'p' from pool_take is released by free; use pool_give");
  expect(found('void f(void *pool) { char *p = malloc(8); pool_give(pool, p); }')).toHaveLength(1);
  expect(found(`void f(void *pool) { ${take} p[0] = 1; }`)).toEqual([
    expect.stringContaining('memory-leak'),
  ]);
});

test('what an allocator of its own gives can be replayed', () => {
  const text = 'void f(void *pool) { char *p = pool_take(pool, 4, 8); if (p) free(p); }';
  const [finding] = findingsIn(text);
  expect(finding).toBeDefined();
  const timeline = finding === undefined ? null : replay(finding.flaggedPath, RELEASE);
  expect(timeline?.frames.map(({ title }) => title).join('\n')).toContain('pool_take');
});

test('a declaration comes before the code', () => {
  const code = 'static void my_free(void *p) { free(p); }\n';
  expect(found(`${code}void f(void) { char *p = PyMem_Malloc(8); my_free(p); }`)).toEqual([]);
});

test('a declared end of control is one', () => {
  expect(found('void f(void) { char *p = malloc(8); if (!p) die(); p[0] = 1; free(p); }')).toEqual(
    [],
  );
});
