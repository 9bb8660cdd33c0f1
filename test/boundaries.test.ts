// What may import what, and what every source file must be. The compiler's project references keep the
// coarse borders; this keeps the fine ones and says which one was crossed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { allRows } from '../server/knowledge/row.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const LONGEST = 400;

interface SourceText {
  /** Relative to the root, with forward slashes. */
  readonly file: string;
  readonly text: string;
  /** A path relative to the root, or a package name. */
  readonly imports: readonly string[];
}

function sourcesIn(folder: string): SourceText[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => path.posix.join(folder, name.split(path.sep).join('/')))
    .filter((file) => /\.(?:ts|tsx|mjs)$/.test(file) && !file.includes('/node_modules/'))
    .toSorted()
    .map((file) => {
      const text = readFileSync(path.join(ROOT, file), 'utf8');
      return { file, text, imports: importsOf(file, text) };
    });
}

function importsOf(file: string, text: string): string[] {
  const specifiers = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|\b(?:import|require)\(\s*['"]([^'"]+)['"]/g,
  );
  return Array.from(specifiers, ([, fixed, dynamic]) => fixed ?? dynamic ?? '').map((specifier) =>
    specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier,
  );
}

/** `file -> import` for each import that may not be. */
function crossings(
  sources: readonly SourceText[],
  isAllowed: (imported: string) => boolean,
): string[] {
  return sources.flatMap(({ file, imports }) =>
    imports.filter((imported) => !isAllowed(imported)).map((imported) => `${file} -> ${imported}`),
  );
}

const simulator = sourcesIn('simulator');
const server = sourcesIn('server');
const client = sourcesIn('client');
const heapPanel = client.filter(({ file }) => file.startsWith('client/heap-panel/'));
const extension = client.filter(({ file }) => !file.startsWith('client/heap-panel/'));
const debuggerFiles = client.filter(({ file }) => file.startsWith('client/debug/'));
const scripts = sourcesIn('scripts');
const tests = sourcesIn('test');
const product = [...simulator, ...server, ...client];

/** Allows what starts with one of the prefixes. */
function only(...prefixes: readonly string[]): (imported: string) => boolean {
  return (imported) => prefixes.some((prefix) => imported.startsWith(prefix));
}

/** The same for the project's own files; packages are free. */
function onlyLocal(...prefixes: readonly string[]): (imported: string) => boolean {
  const isLocal = only('simulator/', 'server/', 'client/', 'test/', 'scripts/', '..');
  return (imported) => !isLocal(imported) || only(...prefixes)(imported);
}

describe('imports', () => {
  test('are found at all', () => {
    const found = importsOf(
      'a/b.ts',
      "import x from './c.ts';\nimport {\n  y,\n} from '../d.ts';\nimport 'e';\nexport * from './f.ts';\nawait import('g');",
    );
    expect(found).toEqual(['a/c.ts', 'd.ts', 'e', 'a/f.ts', 'g']);
    expect(server.flatMap(({ imports }) => imports)).toContain('simulator/flagged-path.ts');
  });

  test('the simulator needs nothing but itself', () => {
    expect(crossings(simulator, only('simulator/'))).toEqual([]);
  });

  test('the server needs the simulator, never the client', () => {
    expect(crossings(server, onlyLocal('simulator/', 'server/'))).toEqual([]);
  });

  test("the client needs the simulator and the server's protocol", () => {
    const protocol = ['server/lsp/protocol.ts', 'server/lsp/web/start-message.ts'];
    const allowed = onlyLocal('simulator/', 'client/', ...protocol);
    expect(crossings(extension, allowed)).toEqual([]);
  });

  test('the heap panel needs the simulator and preact, and nothing of its host', () => {
    const allowed = only('simulator/', 'client/heap-panel/', 'preact', '@preact/signals');
    expect(crossings(heapPanel, allowed)).toEqual([]);
  });

  test('the debugger needs the simulator, and nothing of Node or of its editor', () => {
    const packages = ['@vscode/debugprotocol', 'valibot', 'vscode-uri'];
    expect(crossings(debuggerFiles, only('simulator/', 'client/debug/', ...packages))).toEqual([]);
  });

  test('what runs in a browser reaches nothing of Node but paths', () => {
    const imports = new Map(
      product.map(({ file, text }) => {
        // Types are gone when it runs.
        const values = text.replaceAll(/^import type [^;]*;/gm, '');
        return [file, importsOf(file, values)];
      }),
    );
    const reached = new Set(['client/web/main.ts', 'server/lsp/web/main.ts']);
    for (const file of reached) {
      for (const imported of imports.get(file) ?? []) reached.add(imported);
    }
    expect(reached).toContain('server/flow/explore.ts');
    expect(reached).toContain('client/heap-panel.ts');
    const node = [...reached].filter(
      (name) => name.startsWith('node:') || name.endsWith('/node') || name === 'fs',
    );
    expect(node).toEqual(['node:path']);
  });

  test('only server/syntax knows tree-sitter', () => {
    const users = product
      .filter(({ text }) => /['"](?:web-)?tree-sitter(?:-c)?(?:\/[^'"]*)?['"]/.test(text))
      .map(({ file }) => file)
      .filter((file) => !file.startsWith('server/syntax/'));
    expect(users).toEqual([]);
  });

  test('only the client knows vscode, only server/lsp the protocol library', () => {
    const vscode = [...simulator, ...server, ...heapPanel];
    expect(crossings(vscode, (imported) => imported !== 'vscode')).toEqual([]);
    const protocol = product.filter(({ file }) => !file.startsWith('server/lsp/'));
    expect(crossings(protocol, (name) => !name.startsWith('vscode-languageserver'))).toEqual([]);
  });

  test('only one file knows the SDK of the Model Context Protocol', () => {
    const users = product.filter(({ imports }) =>
      imports.some((imported) => imported.startsWith('@modelcontextprotocol/')),
    );
    expect(users.map(({ file }) => file)).toEqual(['server/mcp/stdio.ts']);
  });

  test('below the entry points nothing reads files, clocks or chance', () => {
    const pure = ['cfg', 'flow', 'knowledge', 'preprocess', 'rules'].map(
      (name) => `server/${name}/`,
    );
    const core = server.filter(({ file }) => pure.some((folder) => file.startsWith(folder)));
    expect(crossings(core, (imported) => !imported.startsWith('node:'))).toEqual([]);
    const unsteady = /\b(?:Math\.random|Date\.now|new Date|performance\.now|process\.hrtime)\b/;
    const users = [...simulator, ...core].filter(({ text }) => unsteady.test(text));
    expect(users.map(({ file }) => file)).toEqual([]);
  });
});

describe('source files', () => {
  test('open with a comment that says what they are for', () => {
    const silent = [...product, ...scripts]
      .filter(({ text }) => !/^(?:#![^\n]*\n)?(?:\/\/ \S|\/\*\*?\s+\S)/.test(text))
      .map(({ file }) => file);
    expect(silent).toEqual([]);
  });

  test(`have at most ${LONGEST} lines`, () => {
    const long = [...product, ...scripts, ...tests]
      .map(({ file, text }) => ({ file, lines: text.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > LONGEST);
    expect(long).toEqual([]);
  });

  test('leave out a test in one place, which never does with CI set', () => {
    const skipping = tests.filter(({ text }) =>
      /\b(?:test|describe|context|ctx)\.(?:skip|skipIf|runIf|todo)\b/.test(text),
    );
    expect(skipping.map(({ file }) => file)).toEqual(['test/needs.ts']);
  });

  test('compare no name of a C function: the knowledge table has them', () => {
    // Names such as free are words of ours as well; what a row's context says is data.
    const functions = new Set(
      allRows()
        .map(({ name }) => name)
        .filter((name) => /[A-Z]/.test(name)),
    );
    const comparison = /(?<!\.context )(?:===|!==|\bcase)\s*['"](\w+)['"]/g;
    const comparing = server
      .filter(({ file }) => !file.startsWith('server/knowledge/'))
      .flatMap(({ file, text }) =>
        Array.from(text.matchAll(comparison), ([, name = '']) => ({ file, name })),
      )
      .filter(({ name }) => functions.has(name));
    expect(functions.size).toBeGreaterThan(100);
    expect(comparing).toEqual([]);
  });
});

test('generated documents are what the code says', () => {
  expect(existsSync(path.join(ROOT, 'docs', 'rules', 'README.md'))).toBe(true);
  const result = spawnSync(process.execPath, ['scripts/generate.mjs', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
});
