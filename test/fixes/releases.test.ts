// Fixes that move a release, change it, or take it away: what they make of the text, and where the text is not sure
// enough for one.
import { describe, expect, test } from 'vitest';
import { fixesOf } from './fixes-of.ts';

describe('a second release', () => {
  test('goes where it always follows the first', () => {
    const fixes = fixesOf(
      'void f(char *p)\n{\n    free(p); /* once */\n    puts("x");\n    free(p);\n}\n',
    );
    expect(fixes.map(({ title }) => title)).toEqual([
      'Leave the second free(p) out',
      "Set 'p' to NULL after its first release",
    ]);
    expect(fixes[0]?.result).toBe(
      'void f(char *p)\n{\n    free(p); /* once */\n    puts("x");\n}\n',
    );
    expect(fixes[1]?.result).toContain('    free(p); /* once */\n    p = NULL;\n    puts("x");\n');
  });

  test.for([
    ['is of another block', 'for (;;) { char *p = next_one(); if (!p) return; free(p); }'],
    ['is of what somebody else has, too', 'char *p = next_one(); free(p); keep(p); free(p);'],
    ['is of another name', 'char *p = next_one(), *q = p; free(p); free(q);'],
  ] as const)('stays where it %s', ([, body]) => {
    const code = `char *next_one(void);\nvoid keep(char *);\nvoid f(void) { ${body} }\n`;
    expect(fixesOf(code).filter(({ title }) => title.startsWith('Set '))).toEqual([]);
  });
});

describe('a release that comes too early', () => {
  test('moves behind the last use', () => {
    const [fix] = fixesOf(`void f(char *p, char *q)
{
    free(p); // done
    puts("x");
    puts(p); // here
    q[0] = p[1];
    puts(q);
}
`);
    expect(fix?.result).toBe(`void f(char *p, char *q)
{
    puts("x");
    puts(p); // here
    q[0] = p[1];
    free(p);
    puts(q);
}
`);
  });

  test('moves on its line', () => {
    const [fix] = fixesOf('void f(char *p)\n{\n    free(p); puts(p); puts("x");\n}\n');
    expect(fix?.result).toBe('void f(char *p)\n{\n    puts(p); free(p); puts("x");\n}\n');
  });

  test('waits for the value that is returned, whatever holds it', () => {
    const code =
      'typedef struct { int *at; } Box;\nint f(Box *box)\n{\n    free(box->at);\n    return box->at[0];\n}\n';
    expect(fixesOf(code)[0]?.result).toContain(
      '{\n    int result = box->at[0];\n    free(box->at);\n    return result;\n}',
    );
  });

  test.for([
    ['a branch is between', 'free(p); if (n) puts("x"); else return; puts(p);'],
    ['a condition decides on the use', 'free(p); if (n) puts(p);'],
    ['the pointer is given another value', 'free(p); p = p + n; puts(p);'],
    ['it is the release that a loop repeats', 'while (n--) { puts(p); free(p); }'],
  ] as const)('stays where %s', ([, body]) => {
    const fixes = fixesOf(`void f(char *p, int n) { ${body} }\n`);
    expect(fixes.filter(({ title }) => title.startsWith('Move'))).toEqual([]);
  });
});

const releasing = (name: string): string => `void f(const char *s)
{
    char *all = strdup(s);
    if (!all) return;
    char *rest = all + 1;
    puts(rest);
    free((void *)${name});
}
`;

describe('a pointer into a block', () => {
  test('is not what is released, where the start is known', () => {
    expect(fixesOf(releasing('rest'))[0]?.result).toBe(releasing('all'));
  });

  test('that is moved leaves its start in a variable', () => {
    const [fix] = fixesOf(`void f(const char *s)
{
    char *p = NULL;
    p = strdup(s); // mine
    if (p == NULL) return;
    if (s[0] == 'x') { free(p); return; }
    while (*p) p++;
    free(p);
}
`);
    expect(fix?.result).toBe(`void f(const char *s)
{
    char *p = NULL;
    p = strdup(s); // mine
    char *p_start = p;
    if (p == NULL) return;
    if (s[0] == 'x') { free(p); return; }
    while (*p) p++;
    free(p_start);
}
`);
  });

  test.for([
    ['it gets another block meanwhile', 'p++; if (n) p = strdup("b"); free(p);'],
    ['somebody has its address', 'advance(&p); p++; free(p);'],
  ] as const)('stays where %s', ([, body]) => {
    const code = `void advance(char **);\nvoid f(int n) { char *p = strdup("a"); if (!p) return; ${body} }\n`;
    expect(fixesOf(code).filter(({ title }) => title.startsWith('Keep'))).toEqual([]);
  });
});

const dropping = (macro: string): string =>
  `${macro}\nvoid f(size_t n)\n{\n    char *p = malloc(n);\n    DROP(p);\n}\n`;

describe('a macro that stands for a release', () => {
  test('is replaced where the block is of another family', () => {
    for (const body of ['PyMem_Free(x)', '(PyMem_Free((void *)(x)))', 'PyMem_Free(x); /* y */']) {
      const [fix] = fixesOf(dropping(`#define DROP(x) ${body}`));
      expect(fix?.result, body).toContain('    free(p);\n');
    }
  });

  test.for([
    '#define DROP(x) do { PyMem_Free(x); (x) = NULL; } while (0)',
    '#define DROP(x) (count--, PyMem_Free(x))\nextern int count;',
    '#define DROP(x) PyMem_Free(x)\n#define free(x) PyMem_Free(x)',
    '#ifdef X\n#define DROP(x) PyMem_Free(x)\n#else\n#define DROP(x) PyObject_Free(x)\n#endif',
  ])('stays where it does more, or not always that', (macro) => {
    expect(
      fixesOf(dropping(macro)).filter(({ title }) => title.startsWith('Replace DROP')),
    ).toEqual([]);
  });
});

test('a failed resize in place gives the pointer back to its owner', () => {
  const [fix] = fixesOf(`typedef struct { int *items; } List;
int grow(List *l, size_t n)
{
    PyMem_Resize(l->items, int, n);
    if (l->items == NULL)
        return -1;
    return 0;
}
`);
  expect(fix?.result).toContain(`    void *old = l->items;
    PyMem_Resize(l->items, int, n);
    if (l->items == NULL) {
        l->items = old;
        return -1;
    }
`);
});
