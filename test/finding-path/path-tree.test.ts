// The steps of a finding's path as the Finding Path view shows them: nested by calls, one mark for each place.
import { expect, test } from 'vitest';
import { chainTo, marksOf, type PathNode, pathTree } from '../../client/path-tree.ts';
import { check } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';

const parser = await loadParser({ backend: 'native' });

function notesOf(text: string) {
  const { findings } = check([{ file: 'a.c', text }], parser, DEFAULT_SETTINGS);
  return findings[0]?.path ?? [];
}

function outline(nodes: readonly PathNode[], indent = ''): readonly string[] {
  return nodes.flatMap(({ note, children }) => [
    `${indent}${note.kind} ${note.at.line}`,
    ...outline(children, `${indent}  `),
  ]);
}

const HELPERS = `#include <Python.h>
static char *make(void) {
    char *made = PyMem_Malloc(8);
    return made;
}
static void drop(char *block) {
    free(block);
}
void f(void) {
    char *p = make();
    if (p == NULL)
        return;
    p[0] = 0;
    drop(p);
}
`;

test('what happens in a called function lies below the call', () => {
  const notes = notesOf(HELPERS);
  expect(outline(pathTree(notes))).toEqual([
    'enter 10',
    '  alloc 3',
    'branch 11',
    'enter 14',
    '  free 7',
    'leave 14',
  ]);
});

test('every step has its place in the tree, the outermost first', () => {
  const notes = notesOf(HELPERS);
  const roots = pathTree(notes);
  const chains = notes.map((_note, index) => chainTo(roots, index).map((node) => node.index));
  expect(chains).toEqual([[0], [0, 1], [2], [3], [3, 4], [5]]);
  expect(chainTo(roots, -1)).toEqual([]);
});

test('a path that starts in a helper and goes on in its caller has no step above the first', () => {
  const at = { file: 'a.c', line: 1, column: 1, endLine: 1, endColumn: 2 };
  const note = (depth: number) => ({ kind: 'assign', at, message: '', depth }) as const;
  expect(outline(pathTree([note(2), note(0), note(1)]))).toEqual([
    'assign 1',
    'assign 1',
    '  assign 1',
  ]);
});

test('a place that the path comes to twice has both numbers', () => {
  const marks = marksOf(notesOf(HELPERS));
  expect(marks.map(({ at, numbers }) => [at.line, numbers])).toEqual([
    [10, [1]],
    [3, [2]],
    [11, [3]],
    [14, [4, 6]],
    [7, [5]],
  ]);
});
