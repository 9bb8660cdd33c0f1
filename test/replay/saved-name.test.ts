// What a saved replay is called.
import { expect, test } from 'vitest';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { savedName } from '../../simulator/saved-name.ts';
import { pathNamed } from '../heap-panel/panel-browser.ts';

function flaggedIn(file: string, rule = 'mismatched-free'): FlaggedPath {
  const path = pathNamed('malloc-pymem-free');
  return {
    ...path,
    rule,
    steps: path.steps.map((step) => ({ ...step, at: { ...step.at, file } })),
  };
}

test.each([
  ['/home/me/src/names.c', 'mismatched-free-names-88.html'],
  ['C:\\src\\names.test.cpp', 'mismatched-free-names.test-88.html'],
  ['vscode-vfs://github/o/r/größe.c', 'mismatched-free-größe-88.html'],
  ['src/a b:c*?.c', 'mismatched-free-a-b-c--88.html'],
])('a page is called by rule, file and line: %s', (file, name) => {
  expect(savedName('html', { path: flaggedIn(file), title: '', frame: 3 })).toBe(name);
});

test('a picture by its step as well', () => {
  const opened = { path: flaggedIn('names.c'), title: '', frame: 3 };
  expect(savedName('svg', opened)).toBe('mismatched-free-names-88-step-3.svg');
});

test('no text of a path leads to another folder', () => {
  const name = savedName('html', { path: flaggedIn('..', '../../etc/x'), title: '' });
  expect(name).not.toMatch(/[/\\]/);
});
