// One file per C construct; each ends in a comment with the graphs of its functions, compared exactly.
// UPDATE_CFG=1 writes the comments anew; read the difference.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { printCfg, printDot } from '../../server/cfg/print.ts';
import { graphsOf, Program } from '../../server/explain/program.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';

const FILES = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.c'));
const EXPECTED = /\n\/\* cfg\n([\s\S]*)\n\*\/\n$/;

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'auto' });
});

function graphs(text: string): string {
  return new Program([{ file: 'test.c', text }], parser)
    .functionsIn('test.c')
    .flatMap((node) =>
      graphsOf(node).map((cfg) =>
        typeof cfg === 'string' ? `${node.definition.name}: ${cfg}` : printCfg(cfg),
      ),
    )
    .join('\n\n');
}

describe('the graph of', () => {
  test.each(FILES)('%s', (name) => {
    const file = path.join(import.meta.dirname, name);
    const text = readFileSync(file, 'utf8');
    const code = text.replace(EXPECTED, '\n').trimEnd();
    const actual = graphs(code);
    expect(actual).not.toMatch(/\*\//);
    if (process.env.UPDATE_CFG === '1') {
      writeFileSync(file, `${code}\n\n/* cfg\n${actual}\n*/\n`);
      return;
    }
    expect(actual).toBe(EXPECTED.exec(text)?.[1]);
  });
});

test('a graph as DOT has a node per basic block and a labeled edge per branch', () => {
  const text = 'int f(int a) { if (is(a, "x")) return 1; return a; }';
  const [node] = new Program([{ file: 'f.c', text }], parser).functionsIn('f.c');
  const [cfg] = graphsOf(node!);
  if (typeof cfg !== 'object') throw new Error(cfg);
  const dot = printDot(cfg);
  expect(dot.split('\n').filter((line) => line.includes('label="0:'))).toHaveLength(1);
  expect(dot.match(/^ {2}\d+ \[label=/gm)).toHaveLength(cfg.blocks.length);
  expect(dot.match(/^ {2}\d+ -> \d+ \[label="(?:true|false)"\];$/gm)).toHaveLength(2);
  expect(dot).toContain('{is(a, \\"x\\")}');
});
