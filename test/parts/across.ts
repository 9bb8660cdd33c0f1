// A small program of several files that need each other.
import type { SourceFile } from '../../server/check.ts';

/** Functions of one file that the next one needs, and a field that files disagree on. */
export const ACROSS: readonly SourceFile[] = [
  {
    file: 'across/box.h',
    text: 'typedef struct { char *data; char *name; int size; } Box;\nvoid *take(int n);\nvoid give(void *p);\nvoid with_each(void (*act)(void *), void *p);\n',
  },
  {
    file: 'across/z-take.c',
    text: '#include "box.h"\nvoid *take(int n) { return PyMem_Malloc(n); }\nvoid give(void *p) { PyMem_Free(p); }\nvoid with_each(void (*act)(void *), void *p) { act(p); }\n',
  },
  {
    file: 'across/init.c',
    text: '#include "box.h"\nint init(Box *box) { box->data = malloc(8); box->name = take(8); return box->data != 0; }\nvoid each(void) { void *p = malloc(4); with_each(give, p); }\n',
  },
  {
    file: 'across/a-dealloc.c',
    text: '#include "box.h"\nvoid clear(Box *box) { give(box->data); free(box->name); box->data = 0; box->name = 0; }\nint even(int n); int odd(int n) { void *p = take(n); give(p); return n == 0 ? 0 : even(n - 1); }\nint even(int n) { void *p = take(n); free(p); return n == 0 ? 1 : odd(n - 1); }\n',
  },
];
