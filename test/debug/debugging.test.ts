// A debug session over a finding's path, spoken to in the debug adapter protocol as an editor does: where it
// stops, what it shows there, forward and back.
import { describe, expect, test } from 'vitest';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { DebugClient } from './debug-client.ts';
import { CRASHES, HELPERS, pathIn, TWICE } from './replayed-findings.ts';

const HELPER_FILES = { '/project/helpers.c': HELPERS };
const CRASH_FILES = { '/project/crashes.c': CRASHES };

function helpers(args: Readonly<Record<string, unknown>> = {}): Promise<DebugClient> {
  return DebugClient.launched(pathIn('/project/helpers.c', HELPERS), HELPER_FILES, args);
}

function crash(args: Readonly<Record<string, unknown>> = {}): Promise<DebugClient> {
  return DebugClient.launched(pathIn('/project/crashes.c', CRASHES), CRASH_FILES, args);
}

async function setLines(
  client: DebugClient,
  file: string,
  lines: readonly number[],
): Promise<DebugProtocol.Breakpoint[]> {
  const breakpoints = lines.map((line) => ({ line }));
  return (await client.request('setBreakpoints', { source: { path: file }, breakpoints }))
    .breakpoints;
}

describe('a session', () => {
  test('starts on the first line, in the file, and says what is replayed', async () => {
    const client = await helpers({ title: "'buf' is released by the wrong function" });
    expect(client.events('stopped')).toMatchObject([{ reason: 'entry', threadId: 1 }]);
    expect(await client.topFrame()).toMatchObject({
      name: 'reverse',
      line: 11,
      source: { name: 'helpers.c', path: '/project/helpers.c' },
    });
    expect(client.console).toContain("'buf' is released by the wrong function");
    expect(client.console).toContain('simulated: CPython 3.11, release build');
    const { threads } = await client.request('threads');
    expect(threads[0]?.name).toContain('simulated');
  });

  test('is announced, configured, and answers each request before what follows from it', async () => {
    const client = await helpers();
    const kinds = client.messages.map((message) =>
      'command' in message ? message.command : 'event' in message ? message.event : '',
    );
    expect(kinds.slice(0, 6)).toEqual([
      'initialize',
      'launch',
      'initialized',
      'output',
      'configurationDone',
      'stopped',
    ]);
    expect(client.messages.map(({ seq }) => seq)).toEqual(
      client.messages.map((_, index) => index + 1),
    );
  });

  test('steps into a helper, whose caller stays on the stack, and out again', async () => {
    const client = await helpers();
    expect((await client.move('stepIn')).stack).toEqual(['scratch_new:4', 'reverse:11']);
    expect(await client.scope('Pointers')).toEqual({ buf: 'not set yet' });
    expect((await client.move('stepOut')).stack).toEqual(['reverse:11']);
    expect(await client.scope('Pointers')).toEqual({
      buf: expect.stringMatching(/^0x[0-9a-f]+ → A, 40 bytes, in use$/),
    });
    expect((await client.move('next')).stack).toEqual(['reverse:12']);
  });

  test('steps over a helper, line by line, and back the same way', async () => {
    const client = await helpers();
    await client.request('setExceptionBreakpoints', { filters: [] });
    const forward: string[] = [];
    for (let step = 0; step < 3; step++) forward.push((await client.move('next')).stack.join());
    expect(forward.slice(0, 2)).toEqual(['reverse:12', 'reverse:14']);
    expect(forward[2]).toMatch(/^innocent code:1$/);
    const back: string[] = [];
    for (let step = 0; step < 3; step++) back.push((await client.move('stepBack')).stack.join());
    expect(back).toEqual(['reverse:14', 'reverse:12', 'reverse:11']);
    expect((await client.move('stepBack')).description).toBe('Paused at the start of the replay');
  });

  test('goes back into nothing: what a later line sets is not set before it', async () => {
    const client = await helpers();
    await client.move('next');
    expect((await client.scope('Pointers'))['buf']).toContain('40 bytes, in use');
    await client.move('stepBack');
    expect(await client.scope('Pointers')).toEqual({ buf: 'not set yet' });
  });

  test('one instruction is one step of the path, also where one line has several', async () => {
    const text = 'void f(void) { char *t = PyMem_Malloc(4); if (t == NULL) return; free(t); }';
    const client = await DebugClient.launched(pathIn('/project/f.c', text), {
      '/project/f.c': text,
    });
    const instruction = { granularity: 'instruction' };
    const places: unknown[] = [];
    for (let step = 0; step < 3; step++) {
      const { reason } = await client.move('next', instruction);
      places.push(`${reason} ${client.adapter.place?.frame}`);
    }
    expect(places).toEqual(['step 1', 'step 2', 'exception 3']);
    await client.move('stepBack', instruction);
    expect(client.adapter.place?.frame).toBe(2);
    await client.move('stepBack');
    expect(client.adapter.place?.frame).toBe(0);
    expect(await client.move('next')).toMatchObject({ reason: 'exception', stack: ['f:1'] });
  });
});

describe('an exception', () => {
  test('stops on the line that kills the process, with the rule and the text of the real one', async () => {
    const client = await crash();
    expect(await client.move('continue')).toMatchObject({ reason: 'exception', stack: ['fold:5'] });
    const info = await client.request('exceptionInfo', { threadId: 1 });
    expect(info).toMatchObject({ exceptionId: 'mismatched-free', breakMode: 'unhandled' });
    expect(info.details?.typeName).toBe('SIGABRT (simulated)');
    expect(info.details?.stackTrace).toMatch(
      /SIMULATED SIGABRT[^]*\n(double free or corruption|free\(\)|munmap)/,
    );
    expect(info.details?.stackTrace).toContain(
      'allocated by PyMem_Malloc: the PyMem domain, at crashes.c:3',
    );
    expect(info.details?.stackTrace).toContain(
      '→ released by free: the C library heap, at crashes.c:5',
    );
    expect(client.console).toContain('SIMULATED SIGABRT');
  });

  test('is left backwards: the process lives again, and dies again', async () => {
    const client = await crash();
    await client.move('continue');
    expect(await client.move('stepBack')).toMatchObject({ reason: 'step', stack: ['fold:5'] });
    expect(await client.refused('exceptionInfo', { threadId: 1 })).toContain('Nothing is wrong');
    expect((await client.move('stepBack')).stack).toEqual(['fold:4']);
    expect(await client.move('continue')).toMatchObject({ reason: 'exception', stack: ['fold:5'] });
  });

  test('stops at the flagged step also where nothing notices, unless that is switched off', async () => {
    const client = await helpers();
    const stopped = await client.move('continue');
    expect(stopped).toMatchObject({ reason: 'exception', stack: ['scratch_free:8', 'reverse:14'] });
    const info = await client.request('exceptionInfo', { threadId: 1 });
    expect(info).toMatchObject({ breakMode: 'always', details: { typeName: 'Silent' } });
    await client.request('setExceptionBreakpoints', { filters: ['damage'] });
    await client.request('restart');
    expect((await client.move('continue')).description).toBe('Paused at the end of the replay');
  });

  test('names the delayed victim at the step that nothing notices', async () => {
    const path = pathIn('/project/twice.c', TWICE);
    const client = await DebugClient.launched({ ...path, fault: 1 }, {});
    await client.move('continue');
    const { details } = await client.request('exceptionInfo', { threadId: 1 });
    expect(details?.innerException?.[0]).toMatchObject({ typeName: 'SIGABRT (simulated)' });
  });

  test('after it there is nothing to run: continue ends the session with the exit code', async () => {
    const client = await crash({ stopOnEntry: false });
    expect(client.events('stopped')).toMatchObject([{ reason: 'exception' }]);
    await client.request('continue', { threadId: 1 });
    expect(client.events('exited')).toEqual([{ exitCode: 134 }]);
    expect(client.events('terminated')).toHaveLength(1);
  });
});

test('a call that the process dies in returns nothing', async () => {
  const text = `#include <Python.h>
void grow(void) {
    char *p = PyMem_Malloc(40);
    if (p == NULL) return;
    p = realloc(p, 400);
}
`;
  const client = await DebugClient.launched(pathIn('/project/g.c', text), { '/project/g.c': text });
  await client.move('next');
  const before = await client.scope('Pointers');
  expect(await client.move('continue')).toMatchObject({ reason: 'exception', stack: ['grow:5'] });
  expect(await client.scope('Pointers')).toEqual(before);
  expect(await client.evaluate('who allocated p')).toContain('given to realloc');
});

test('a name that is overwritten points to its block no more', async () => {
  const text = `#include <Python.h>
void lose(void) {
    char *p = PyMem_Malloc(40);
    p = NULL;
}
`;
  const client = await DebugClient.launched(pathIn('/project/l.c', text), { '/project/l.c': text });
  expect(await client.move('continue')).toMatchObject({ reason: 'exception', stack: ['lose:4'] });
  expect(await client.scope('Pointers')).toEqual({ p: 'no longer A' });
  expect(await client.refused('evaluate', { expression: 'p' })).toContain('no longer A');
  expect(await client.evaluate('block A')).toContain('no pointer to it is left');
});

describe('breakpoints', () => {
  test('hold on lines of the path, and say where it does not come', async () => {
    const client = await helpers();
    const set = await setLines(client, '/project/helpers.c', [4, 13, 14]);
    expect(set.map(({ verified }) => verified)).toEqual([true, false, true]);
    expect(set[1]?.message).toContain('does not come');
    expect(await client.move('continue')).toMatchObject({
      reason: 'breakpoint',
      hitBreakpointIds: [set[0]?.id],
      stack: ['scratch_new:4', 'reverse:11'],
    });
    expect((await client.move('continue')).stack).toEqual(['reverse:14']);
    expect((await client.move('reverseContinue')).stack).toEqual(['scratch_new:4', 'reverse:11']);
  });

  test('hold in a call that is stepped over', async () => {
    const client = await helpers();
    await setLines(client, '/project/helpers.c', [4]);
    expect(await client.move('next')).toMatchObject({
      reason: 'breakpoint',
      stack: ['scratch_new:4', 'reverse:11'],
    });
  });

  test('may be named by a URI, and offered where the path goes', async () => {
    const client = await helpers();
    const [set] = await setLines(client, 'file:///project/helpers.c', [12]);
    expect(set?.verified).toBe(true);
    const source = { path: '/project/helpers.c' };
    const { breakpoints } = await client.request('breakpointLocations', {
      source,
      line: 1,
      endLine: 12,
    });
    expect(breakpoints).toEqual(
      [{ line: 4 }, { line: 8 }, { line: 11 }, { line: 12 }].filter(
        ({ line }) => line !== 8 || true,
      ),
    );
    const { targets } = await client.request('gotoTargets', { source, line: 14 });
    expect((await client.move('goto', { targetId: targets[0]?.id })).stack).toEqual(['reverse:14']);
  });

  test('on a block: it stops whenever the block changes hands', async () => {
    const client = await helpers();
    await client.move('next');
    const blocks = await client.variables('Blocks');
    expect(blocks[0]?.name).toBe('A (buf@helpers.c:4)');
    const { dataId, accessTypes } = await client.request('dataBreakpointInfo', { name: 'buf' });
    expect(accessTypes).toContain('write');
    const set = await client.request('setDataBreakpoints', { breakpoints: [{ dataId }] });
    expect(set.breakpoints).toMatchObject([{ verified: true }]);
    await client.request('setExceptionBreakpoints', { filters: [] });
    await client.request('restart');
    const first = await client.move('continue');
    expect(first).toMatchObject({
      reason: 'data breakpoint',
      text: expect.stringContaining('is allocated by malloc'),
    });
    const second = await client.move('continue');
    expect(second).toMatchObject({
      reason: 'data breakpoint',
      text: expect.stringContaining('is released by PyMem_Free'),
    });
    const back = await client.move('reverseContinue');
    expect(back.text).toContain('is released by PyMem_Free');
    expect(back.stack).toEqual(['scratch_free:8', 'reverse:14']);
    expect((await client.scope('Pointers'))['buf']).toContain('in use');
  });

  test('on bytes at an address', async () => {
    const client = await helpers();
    await client.move('next');
    const memoryReference = (await client.variables('Blocks'))[0]?.memoryReference;
    const info = await client.request('dataBreakpointInfo', {
      name: memoryReference,
      asAddress: true,
      bytes: 16,
    });
    await client.request('setDataBreakpoints', {
      breakpoints: [{ dataId: info.dataId, accessType: 'write' }],
    });
    await client.request('setExceptionBreakpoints', { filters: [] });
    expect(await client.move('continue')).toMatchObject({
      reason: 'data breakpoint',
      text: `16 bytes at ${memoryReference} change.`,
    });
  });

  test('reverse continue goes to the last event of the block that the console asked about', async () => {
    const client = await crash();
    await client.move('continue');
    const free = await client.move('reverseContinue');
    expect(free).toMatchObject({
      stack: ['fold:5'],
      text: expect.stringContaining('released by free'),
    });
    const alloc = await client.move('reverseContinue');
    expect(alloc).toMatchObject({
      stack: ['fold:3'],
      text: expect.stringContaining('allocated by PyMem_Malloc'),
    });
    await client.move('continue');
    await client.evaluate('block x');
    expect((await client.move('reverseContinue')).description).toBe(
      'Paused at the start of the replay',
    );
  });
});
