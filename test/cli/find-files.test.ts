// What the command line checks when it is given paths.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../server/cli/exit.ts';
import { findFiles } from '../../server/cli/find-files.ts';
import { displayPath } from '../../server/files/c-files.ts';

let root = '';

beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-find-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(...files: readonly string[]): void {
  for (const file of files) {
    const [name = '', content = 'int x;\n'] = file.split('=');
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  }
}

function find(...paths: readonly string[]): string[] {
  return findFiles(paths, root).files.map((file) => displayPath(file, root));
}

describe('folders', () => {
  test('C files only, sorted, each once, without node_modules and .git', () => {
    write('b.c', 'a/z.h', 'a/y.c', 'a.c', 'x.py', 'x.cs', 'node_modules/m.c', '.git/h.c');
    expect(find('.', 'a', 'a.c')).toEqual(['a/y.c', 'a/z.h', 'a.c', 'b.c']);
  });

  test('links to folders are not followed', () => {
    write('a/x.c');
    symlinkSync(root, path.join(root, 'a', 'loop'));
    symlinkSync(path.join(root, 'a', 'x.c'), path.join(root, 'link.c'));
    symlinkSync(path.join(root, 'gone.c'), path.join(root, 'broken.c'));
    expect(find('.')).toEqual(['a/x.c', 'link.c']);
  });

  test('a folder without C files says so', () => {
    write('a/x.py');
    expect(findFiles(['a'], root)).toEqual({
      files: [],
      notes: ['a: no C or C++ files in this folder.'],
    });
  });

  test('a virtual environment is left out, unless it was named', () => {
    write('a.c', 'env/pyvenv.cfg=', 'env/include/site/greenlet.h', 'environment/b.c');
    expect(find('.')).toEqual(['a.c', 'environment/b.c']);
    expect(find('env')).toEqual(['env/include/site/greenlet.h']);
  });
});

describe('.gitignore', () => {
  test('agrees with git, nested files and negations included', () => {
    write(
      '.gitignore=build/\n*.gen.c\n/top.c\n!keep.gen.c\n',
      'build/b.c',
      'top.c',
      'a/top.c',
      'a/x.gen.c',
      'a/keep.gen.c',
      'a/.gitignore=local.c\n!x.gen.c\n',
      'a/local.c',
      'a/b/local.c',
      'a/b/y.gen.c',
      'local.c',
    );
    execFileSync('git', ['init', '-q'], { cwd: root });
    const git = execFileSync('git', ['ls-files', '-o', '--exclude-standard', '*.c'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(find('.').toSorted()).toEqual(git.trim().split('\n').toSorted());
    expect(find('a').toSorted()).toEqual(
      git
        .trim()
        .split('\n')
        .filter((file) => file.startsWith('a/'))
        .toSorted(),
    );
  });

  test('what is named is checked, ignored or not', () => {
    write('.gitignore=build/\n', 'build/b.c', 'build/c/d.c');
    mkdirSync(path.join(root, '.git'));
    expect(find('build')).toEqual(['build/b.c', 'build/c/d.c']);
    expect(find('build/b.c')).toEqual(['build/b.c']);
    expect(find('.')).toEqual([]);
  });

  test('rules above a folder hold only inside a repository', () => {
    write('.gitignore=x.c\n', 'a/x.c');
    expect(find('a')).toEqual(['a/x.c']);
    mkdirSync(path.join(root, '.git'));
    expect(find('a')).toEqual([]);
  });
});

describe('globs', () => {
  test('match C files and honor .gitignore', () => {
    write('.gitignore=gen/\n', 'src/a.c', 'src/b.h', 'src/c.py', 'src/gen/g.c', 'src/d/e.c');
    expect(find('src/**/*')).toEqual(['src/a.c', 'src/b.h', 'src/d/e.c']);
    expect(find('src/*.{c,h}')).toEqual(['src/a.c', 'src/b.h']);
  });

  test('a file whose name looks like a glob is that file', () => {
    write('a[1].c', 'a1.c');
    expect(find('a[1].c')).toEqual(['a[1].c']);
  });

  test('one that matches nothing is an error', () => {
    expect(() => find('*.c')).toThrow("'*.c' matches no C or C++ file");
  });
});

describe('what cannot be checked', () => {
  test('a path that does not exist is named, with the nearest one', () => {
    write('src/module.c');
    expect(() => find('src/modul.c')).toThrow(UsageError);
    expect(() => find('src/modul.c')).toThrow(
      "'src/modul.c' does not exist. Did you mean 'src/module.c'?",
    );
    expect(() => find('scr')).toThrow("Did you mean 'src'?");
    expect(() => find('far/away/from/all')).toThrow(/does not exist\.$/);
  });

  test('an empty path is a mistake, not everything', () => {
    write('x.c');
    expect(() => find('')).toThrow("a path is empty; this folder is '.'");
  });

  test('C++ files are found, by any of their extensions', () => {
    const names = ['a.c', 'b.cc', 'c.cpp', 'd.cxx', 'e.h', 'f.hh', 'g.hpp', 'h.h++'];
    write(...names, 'i.py', 'j.cs');
    expect(find('.')).toEqual(names);
  });

  test('devices are left out with a note', () => {
    write('x.c');
    expect(findFiles(['/dev/null', 'x.c'], root).notes).toEqual([
      '/dev/null: skipped, not a regular file.',
    ]);
  });
});
