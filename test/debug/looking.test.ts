// What can be looked at while a replay stands: variables down to the fields, memory, the console, sources that
// are not there any more, other ways to start.
import { describe, expect, test } from 'vitest';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { encodedFinding, LAUNCH } from '../../client/debug/launch.ts';
import manifest from '../../package.json' with { type: 'json' };
import { replay } from '../../simulator/replay.ts';
import { BUILDS, DEBUG, LIBCS, PYTHONS, RELEASE } from '../../simulator/target.ts';
import { DebugClient } from './debug-client.ts';
import { CRASHES, HELPERS, pathIn } from './replayed-findings.ts';

const PATH = pathIn('/project/crashes.c', CRASHES);
const FILES = { '/project/crashes.c': CRASHES };

async function atRelease(args: Readonly<Record<string, unknown>> = {}): Promise<DebugClient> {
  const client = await DebugClient.launched(PATH, FILES, args);
  await client.move('next');
  await client.move('next');
  return client;
}

describe('variables', () => {
  test('a pointer opens to its block, down to the fields of the allocator and of the debug hooks', async () => {
    const client = await atRelease({ build: 'debug' });
    const [text] = await client.variables('Pointers');
    expect(text).toMatchObject({
      name: 'text',
      evaluateName: 'text',
      memoryReference: expect.stringMatching(/^0x/),
    });
    const details: readonly DebugProtocol.Variable[] = (
      await client.request('variables', { variablesReference: text?.variablesReference })
    ).variables;
    const names = details.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['address', 'from', 'served by', 'allocated at']));
    expect(details.find(({ name }) => name === 'from')?.value).toBe('PyMem_Malloc (py-mem)');
    expect(details.map(({ value }) => value).join(' ')).toMatch(/fd/);
    const paged = await client.request('variables', {
      variablesReference: text?.variablesReference,
      start: 1,
      count: 2,
    });
    expect(paged.variables.map((each) => each.name)).toEqual(names.slice(1, 3));
  });

  test('a pointer links to the place that allocated its block', async () => {
    const client = await atRelease();
    const [text] = await client.variables('Pointers');
    const place = await client.request('locations', {
      locationReference: text?.valueLocationReference,
    });
    expect(place).toMatchObject({ source: { path: '/project/crashes.c' }, line: 3 });
  });
});

describe('memory', () => {
  test('is read at a pointer, and is other memory after a step', async () => {
    const client = await atRelease();
    const [text] = await client.variables('Pointers');
    const memoryReference = text?.memoryReference;
    const read = await client.request('readMemory', { memoryReference, count: 16 });
    expect(Buffer.from(read.data ?? '', 'base64').toString('latin1')).toBe('aAAAAAAAaAAAAAAA');
    expect(read.address).toBe(memoryReference);
    await client.move('stepBack');
    await client.move('stepBack');
    expect(client.events('memory')).toContainEqual({ memoryReference, offset: 0, count: 16 });
    const before = await client.request('readMemory', { memoryReference, offset: -8, count: 24 });
    expect(
      Buffer.from(before.data ?? '', 'base64')
        .subarray(8)
        .toString('latin1'),
    ).not.toContain('aAAA');
  });

  test('that was read in pieces is all said to be other memory', async () => {
    const client = await atRelease();
    const memoryReference = (await client.variables('Pointers'))[0]?.memoryReference;
    for (const offset of [4096, 0, 8192])
      await client.request('readMemory', { memoryReference, offset, count: 4096 });
    await client.move('stepBack');
    expect(client.events('memory')).toEqual([{ memoryReference, offset: 0, count: 3 * 4096 }]);
  });

  test('that is not mapped is counted, not invented', async () => {
    const client = await atRelease();
    const read = await client.request('readMemory', { memoryReference: '0x10', count: 100 });
    expect(read).toEqual({ address: '0x10', unreadableBytes: 100 });
  });
});

describe('the console', () => {
  test.each([
    ['text', /^0x[0-9a-f]+ → A, 40 bytes, in use \[simulated\]$/],
    ['*text', /aAAAAAAA[^]*\[simulated: CPython/],
    ['heap', /48-byte blocks[^]*\[simulated: CPython/],
    ['block A', /allocated by PyMem_Malloc, the PyMem domain[^]*crashes\.c:3[^]*\[simulated/],
    [
      'who allocated text',
      /for the flagged code, at crashes\.c:3: char \*text = PyMem_Malloc\(40\);/,
    ],
    ['help', /who allocated p/],
  ])('answers %s', async (question, expected) => {
    const client = await atRelease();
    expect(await client.evaluate(question)).toMatch(expected);
  });

  test('tells after the release who released it', async () => {
    const client = await DebugClient.launched(pathIn('/project/h.c', HELPERS), {});
    await client.move('continue');
    const story = await client.evaluate('who allocated buf');
    expect(story).toContain('allocated by malloc, the C library heap');
    expect(story).toContain('given to PyMem_Free, the PyMem domain, at h.c:8');
  });

  test('says what it does not know, and what it knows', async () => {
    const client = await atRelease();
    const refused = await client.refused('evaluate', { expression: 'texture' });
    expect(refused).toContain('nothing of texture');
    expect(refused).toContain('Known here: text');
    await client.request('restart');
    expect(await client.refused('evaluate', { expression: 'text' })).toContain('not set yet');
  });

  test('a hover gets the value alone', async () => {
    const client = await atRelease();
    expect(await client.evaluate('text', 'hover')).not.toContain('simulated');
    expect(
      (await client.respond('evaluate', { expression: 'NULL', context: 'hover' })).success,
    ).toBe(false);
  });

  test('completes questions and names', async () => {
    const client = await atRelease();
    const complete = async (text: string): Promise<readonly string[]> => {
      const { targets } = await client.request('completions', { text, column: text.length + 1 });
      return targets.map((target) => target.label);
    };
    expect(await complete('')).toEqual(expect.arrayContaining(['text', 'heap', 'who allocated']));
    expect(await complete('te')).toEqual(['text']);
    expect(await complete('who allocated t')).toEqual(
      expect.arrayContaining(['who allocated text']),
    );
    expect(await complete('*t')).toContain('*text');
  });
});

describe('other ways to start', () => {
  test('the manifest declares the attributes that a launch reads, and their values', () => {
    const [debuggerOf] = manifest.contributes.debuggers;
    const properties = debuggerOf?.configurationAttributes.launch.properties;
    expect(Object.keys(properties ?? {})).toEqual(Object.keys(LAUNCH.entries));
    expect(properties?.build.enum).toEqual(BUILDS);
    expect(properties?.python.enum).toEqual(PYTHONS);
    expect(properties?.libc.enum).toEqual(LIBCS);
  });

  test('a finding as the editor hands it over, whatever its text holds', async () => {
    const finding = encodedFinding({ path: PATH, title: '${env:HOME} 100% "text"' });
    expect(finding).not.toMatch(/[${}]/);
    const client = new DebugClient(FILES);
    await client.request('initialize', {});
    await client.request('launch', { finding });
    await client.request('configurationDone');
    expect(await client.stack()).toEqual(['fold:3']);
    expect(client.console).toContain('${env:HOME} 100% "text"');
  });

  test('a path saved as a file, alone or in a finding', async () => {
    const saved = {
      '/project/path.json': JSON.stringify(PATH),
      '/project/finding.json': JSON.stringify({ message: 'released by free', flaggedPath: PATH }),
    };
    for (const path of Object.keys(saved)) {
      const client = new DebugClient({ ...FILES, ...saved });
      await client.request('initialize', { adapterID: 'pymem-lint' });
      await client.request('launch', { path });
      await client.request('configurationDone');
      expect(await client.stack()).toEqual(['fold:3']);
    }
  });

  test('a source that is gone is shown as the lines that the path remembers', async () => {
    const client = await DebugClient.launched(PATH, {});
    const { source, line } = await client.topFrame();
    expect(source?.sourceReference).toBeGreaterThan(0);
    const { content } = await client.request('source', {
      sourceReference: source?.sourceReference,
      source,
    });
    expect(content.split('\n')[line - 1]).toBe('char *text = PyMem_Malloc(40);');
  });

  test('relative names of files are found under the source root', async () => {
    const path: FlaggedPath = pathIn('src/crashes.c', CRASHES);
    const client = await DebugClient.launched(
      path,
      { '/root/src/crashes.c': CRASHES },
      { sourceRoot: '/root/' },
    );
    expect((await client.topFrame()).source).toEqual({
      name: 'crashes.c',
      path: '/root/src/crashes.c',
    });
  });

  test('a client that counts from 0 is answered from 0', async () => {
    const client = new DebugClient(FILES);
    await client.request('initialize', { linesStartAt1: false, columnsStartAt1: false });
    await client.request('launch', { flaggedPath: PATH });
    const source = { path: '/project/crashes.c' };
    const set = await client.request('setBreakpoints', { source, breakpoints: [{ line: 4 }] });
    expect(set.breakpoints).toMatchObject([{ verified: true, line: 4 }]);
    await client.request('configurationDone');
    expect(await client.topFrame()).toMatchObject({ line: 2 });
    expect((await client.move('continue')).stack).toEqual(['fold:4']);
  });

  test('whoever shows the heap is told of each move, and can lead', async () => {
    const client = await atRelease();
    expect(client.places.at(-1)).toMatchObject({ frame: 2, target: { build: 'release' } });
    const told = client.places.length;
    client.adapter.goTo({ target: DEBUG, frame: 1 });
    expect(client.events('stopped').at(-1)).toMatchObject({ reason: 'goto' });
    expect(client.adapter.place).toMatchObject({ frame: 1, target: { build: 'debug' } });
    expect(await client.stack()).toEqual(['fold:4']);
    expect(client.places).toHaveLength(told);
  });

  test('code after the path has a text of its own, on each target', async () => {
    const path = pathIn('/project/h.c', HELPERS);
    const client = await DebugClient.launched(path, {});
    await client.request('setExceptionBreakpoints', { filters: [] });
    await client.move('continue');
    for (const target of [RELEASE, { ...RELEASE, build: 'malloc' }] as const) {
      const { frames } = replay(path, target);
      client.adapter.goTo({ target, frame: frames.length - 1 });
      const { source, line } = await client.topFrame();
      const { content } = await client.request('source', {
        source,
        sourceReference: source?.sourceReference,
      });
      expect(content.split('\n')[line - 1]).toBe(frames.at(-1)?.title);
    }
  });
});
