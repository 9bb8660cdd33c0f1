// Which files are read at all: those that name a function of the table that has to do with memory.
import { expect, test } from 'vitest';
import { changesThreadState, handlesMemory } from '../../server/flow/functions.ts';
import { allRows } from '../../server/knowledge/row.ts';
import { relevantFiles } from '../../server/prepare.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';

const isRead = (text: string): boolean =>
  relevantFiles([{ file: 'a.c', text }], DEFAULT_SETTINGS).length > 0;

test('a file is read for any function of the table that handles memory, or the thread state', () => {
  const names = allRows()
    .filter(({ name, kind }) => kind !== 'operator' && /^\w+$/.test(name))
    .map(({ name }) => name)
    .filter((name) => handlesMemory(name) || changesThreadState(name));
  expect(names.length).toBeGreaterThan(500);
  expect(names.filter((name) => !isRead(`void f(void) { ${name}(0); }`))).toEqual([]);
});

test('a file that names none of them is not', () => {
  expect(isRead('PyObject *one(PyObject *self) { return PyLong_FromLong(1); }')).toBe(false);
});
