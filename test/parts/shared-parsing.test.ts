// Files that several threads parse: each is parsed once, everybody gets all of them, and nobody is waited for.
import { beforeAll, expect, test } from 'vitest';
import type { SourceFile } from '../../server/check.ts';
import { type ParsedFile, parseFile } from '../../server/flow/unit.ts';
import { inTurns } from '../../server/in-turns.ts';
import type { FromHelper, ToHelper } from '../../server/parts/messages.ts';
import { ParsedFiles } from '../../server/parts/parsed-files.ts';
import { parseTogether } from '../../server/parts/shared-parsing.ts';
import { type Helper, Team } from '../../server/parts/team.ts';
import { runSteps } from '../../server/run-steps.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';

const SOURCES: readonly SourceFile[] = Array.from({ length: 40 }, (_, i) => ({
  file: `file${i}.c`,
  text: `#define SIZE${i} 8\n${`void *f${i}(int n) { return PyMem_Malloc(n + SIZE${i}); }\n`.repeat(1 + ((i * 7) % 11))}`,
}));

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'auto' });
});

/** What a helper of this test does with a share. */
type Act = (share: readonly number[], say: (message: FromHelper | null) => void) => void;

/** A helper that is ready at once, and all that it has of the program. */
class TestHelper implements Helper {
  readonly files: ParsedFiles;
  readonly heard: ToHelper[] = [];
  readonly #act: Act;
  #say: (message: FromHelper | null) => void = () => undefined;

  constructor(sources: readonly SourceFile[], act: Act) {
    this.files = new ParsedFiles(sources);
    this.#act = act;
  }

  listen(heard: (message: FromHelper | null) => void): void {
    this.#say = heard;
    heard({ kind: 'ready', for: 'parse' });
  }

  send(message: ToHelper): void {
    this.heard.push(message);
    if (message.kind === 'parsed') this.files.read(structuredClone(message.files));
    // As from another thread: not before the leader gives way.
    else if (message.kind === 'parse') setImmediate(() => this.#act(message.files, this.#say));
  }

  end(): void {}

  /** It parses what it is given, and hands it over. */
  static willing(sources: readonly SourceFile[]): TestHelper {
    const helper = new TestHelper(sources, (share, say) => {
      const own = runSteps(helper.files.parse(share, parser));
      say({ kind: 'parsed', files: structuredClone(helper.files.write(own)) });
    });
    return helper;
  }

  indexes(kind: 'parse' | 'parsed'): number[] {
    return this.heard.flatMap((message) => {
      if (message.kind !== kind) return [];
      return message.files.map((file) => (typeof file === 'number' ? file : file.index));
    });
  }
}

function together(
  sources: readonly SourceFile[],
  helpers: readonly TestHelper[],
  known: (source: SourceFile) => ParsedFile | null = () => null,
): Promise<readonly ParsedFile[]> {
  return inTurns(parseTogether(sources, { parser, team: new Team(helpers), known }));
}

function alone(sources: readonly SourceFile[]): readonly ParsedFile[] {
  return sources.map(({ file, text }) => parseFile(file, text, parser));
}

test('each file is given to one thread, and told to the others', async () => {
  const helpers = [TestHelper.willing(SOURCES), TestHelper.willing(SOURCES)];
  expect(await together(SOURCES, helpers)).toEqual(alone(SOURCES));
  const given = helpers.flatMap((helper) => helper.indexes('parse'));
  expect(new Set(given).size).toBe(given.length);
  for (const helper of helpers) {
    expect(helper.indexes('parse').length).toBeGreaterThan(5);
    expect(helper.files.all()).toEqual(alone(SOURCES));
    expect(helper.heard.at(-1)).toEqual({ kind: 'link' });
  }
});

test.each<[string, Act]>([
  ['never answers', () => undefined],
  ['ends', (_, say) => say(null)],
])('what a helper that %s had in hand the others get from the leader', async (_, act) => {
  const lost = new TestHelper(SOURCES, act);
  const other = TestHelper.willing(SOURCES);
  expect(await together(SOURCES, [lost, other])).toEqual(alone(SOURCES));
  expect(lost.indexes('parse').length).toBeGreaterThan(0);
  expect(other.files.all()).toEqual(alone(SOURCES));
});

test('files that were read before are parsed by nobody', async () => {
  const parsed = alone(SOURCES);
  const known = ({ file }: SourceFile): ParsedFile | null => {
    const index = SOURCES.findIndex((source) => source.file === file);
    return index % 2 === 0 ? parsed[index]! : null;
  };
  const helper = TestHelper.willing(SOURCES);
  const all = await together(SOURCES, [helper], known);
  expect(all).toEqual(parsed);
  expect(all[4]).toBe(parsed[4]);
  expect(helper.indexes('parse').filter((index) => index % 2 === 0)).toEqual([]);
  expect(helper.files.all()).toEqual(parsed);
});

test('what is nested deeply is handed over like anything else', async () => {
  const deep = `${'('.repeat(20_000)}p${')'.repeat(20_000)}`;
  const text = `class A { void f(char *p) { free(${deep}); } };\n`;
  const sources = [...SOURCES, { file: 'deep.cpp', text }];
  const helper = TestHelper.willing(sources);
  const all = await together(sources, [helper]);
  expect(all.map(({ source }) => source.file)).toEqual(sources.map(({ file }) => file));
  expect(helper.files.missing()).toEqual([]);
});

test('the text of a class is handed over once, not with each of its methods', () => {
  const methods = Array.from(
    { length: 200 },
    (_, i) => `  void *m${i}(int n) { return malloc(n); }`,
  );
  const file = { file: 'class.cpp', text: `class A {\n${methods.join('\n')}\n};\n` };
  const files = new ParsedFiles([file]);
  runSteps(files.parse([0], parser));
  const [handed] = files.write([0]);
  // Each method has its syntax tree besides.
  expect(handed!.written.split(methods[7]!)).toHaveLength(2);
});
