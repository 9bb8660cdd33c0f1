// A linter small enough to predict: in each line with `free(NAME)` whose NAME comes from PyMem_Malloc
// above, it finds a mismatched-free. For tests of the language server, which must not depend on what
// the real analysis says.
import { type check, NO_STATS } from '../../server/check.ts';
import type { Finding } from '../../server/finding.ts';
import type { CheckEngine } from '../../server/lsp/check-runner.ts';
import type { Span } from '../../simulator/flagged-path.ts';

export const BAD_C = `#include <Python.h>
void f(void) {
  char *p = PyMem_Malloc(8);
  free(p);
}
`;

export const GOOD_C = BAD_C.replace('free(p)', 'PyMem_Free(p)');

export interface FakeEngine extends CheckEngine {
  readonly ruleIds: readonly string[];
  /** The texts that were checked, in order. */
  readonly checked: string[];
}

export function fakeEngine({
  onCheck,
}: {
  readonly onCheck?: (text: string) => void;
} = {}): FakeEngine {
  const checked: string[] = [];
  const fakeCheck: typeof check = (files, _parser, settings) => {
    const findings: Finding[] = [];
    for (const { file, text } of files) {
      checked.push(text);
      onCheck?.(text);
      if (!settings.ignore.includes('mismatched-free')) findings.push(...find(file, text));
    }
    return {
      findings,
      skipped: [],
      stats: { ...NO_STATS, files: files.length },
    };
  };
  return {
    check: fakeCheck,
    loadParser: () =>
      Promise.resolve({
        backend: 'wasm',
        language: 'c',
        in: () => {
          throw new Error('the fake check does not parse');
        },
        parse: () => {
          throw new Error('the fake check does not parse');
        },
      }),
    ruleIds: ['mismatched-free', 'double-free'],
    checked,
  };
}

function find(file: string, text: string): readonly Finding[] {
  const sites = new Map<string, { readonly at: Span; readonly text: string }>();
  const findings: Finding[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const span = (start: number, length: number): Span => ({
      file,
      line: index + 1,
      column: start + 1,
      endLine: index + 1,
      endColumn: start + 1 + length,
    });
    const alloc = /(\w+) = PyMem_Malloc\(8\)/.exec(line);
    if (alloc?.[1] !== undefined) {
      sites.set(alloc[1], { at: span(alloc.index, alloc[0].length), text: line.trim() });
    }
    for (const free of line.matchAll(/\bfree\((\w+)\)/g)) {
      const pointer = free[1] ?? '';
      const site = sites.get(pointer);
      if (site === undefined) continue;
      const release = { at: span(free.index, free[0].length), text: line.trim() };
      findings.push(mismatch(site, release, pointer));
    }
  }
  return findings;
}

function mismatch(
  site: { readonly at: Span; readonly text: string },
  release: { readonly at: Span; readonly text: string },
  pointer: string,
): Finding {
  const block = `${pointer}@${site.at.line}`;
  const name = { ...release.at, endColumn: release.at.column + 'free'.length };
  return {
    rule: 'mismatched-free',
    severity: 'error',
    confidence: 'definite',
    at: release.at,
    message: `'${pointer}' from PyMem_Malloc freed by free()`,
    path: [
      {
        kind: 'alloc',
        at: site.at,
        message: `'${pointer}' is allocated by PyMem_Malloc`,
        depth: 0,
      },
      { kind: 'free', at: release.at, message: `free() takes '${pointer}'`, depth: 0 },
    ],
    flaggedPath: {
      version: 1,
      rule: 'mismatched-free',
      steps: [
        {
          ...site,
          kind: 'alloc',
          block,
          pointer,
          api: 'PyMem_Malloc',
          family: 'py-mem',
          size: { bytes: 8, source: '8', chosen: false },
          zeroed: false,
          outcome: 'ok',
        },
        { ...release, kind: 'free', block, pointer, api: 'free', family: 'libc', offset: 0 },
      ],
      fault: 1,
    },
    fixes: [
      {
        title: 'Replace free with PyMem_Free',
        edits: [{ at: name, newText: 'PyMem_Free' }],
        isSafe: true,
        path: null,
      },
    ],
  };
}
