// A client that sends what no client should: the session answers each request, stays where it is and keeps its
// memory.
import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  jsonValue,
  oneof,
  tuple,
} from 'fast-check';
import { expect, test } from 'vitest';
import { DebugClient } from './debug-client.ts';
import { CRASHES, HELPERS, pathIn } from './replayed-findings.ts';

const PATH = pathIn('/project/helpers.c', HELPERS);
const FILES = { '/project/helpers.c': HELPERS };

function launched(): Promise<DebugClient> {
  return DebugClient.launched(PATH, FILES);
}

test.each([
  ['a frame id that never was', 'scopes', { frameId: 123456 }, /no stack frame 123456/],
  ['no frame id', 'scopes', {}, /frameId/],
  ['a frame id that is text', 'scopes', { frameId: 'one' }, /frameId/],
  ['variables that never were', 'variables', { variablesReference: 99999 }, /no variables 99999/],
  ['negative variables', 'variables', { variablesReference: -1, start: -5 }, /start/],
  [
    'an expression in no frame',
    'evaluate',
    { expression: 'buf', frameId: 77 },
    /no stack frame 77/,
  ],
  ['no expression', 'evaluate', { expression: null }, /expression/],
  ['memory at no address', 'readMemory', { memoryReference: 'buf', count: 8 }, /no address/],
  ['memory below 0', 'readMemory', { memoryReference: '0x8', offset: -9, count: 8 }, /outside/],
  ['memory at a fraction', 'readMemory', { memoryReference: '0x8', count: 1.5 }, /count/],
  ['negative memory', 'readMemory', { memoryReference: '0x8', count: -1 }, /count/],
  ['a place to go that never was', 'goto', { targetId: 4000 }, /no place 4000/],
  ['a location that never was', 'locations', { locationReference: 4000 }, /no location/],
  ['a source that never was', 'source', { sourceReference: 4000 }, /no source 4000/],
  ['a frame to restart that never was', 'restartFrame', { frameId: 4000 }, /no stack frame/],
  ['lines that are none', 'setBreakpoints', { source: {}, breakpoints: [{ line: 'x' }] }, /line/],
  ['a request that is none', 'flyToTheMoon', {}, /does not know the request "flyToTheMoon"/],
  ['a request named like a method of objects', 'constructor', {}, /does not know/],
  ['attach', 'attach', {}, /launch/],
  ['a second launch', 'launch', { flaggedPath: PATH }, /already/],
])('%s is refused with what is wrong', async (_, command, args, expected) => {
  const client = await launched();
  expect(await client.refused(command, args)).toMatch(expected);
  expect(await client.stack()).toEqual(['reverse:11']);
});

test('what an earlier stop handed out is refused after a step, without a notification', async () => {
  const client = await launched();
  const { id } = await client.topFrame();
  const { scopes } = await client.request('scopes', { frameId: id });
  await client.move('next');
  expect(await client.refused('scopes', { frameId: id })).toContain('earlier stop');
  const late = await client.respond('scopes', { frameId: id });
  expect(JSON.stringify(late)).not.toContain('showUser');
  const variablesReference = scopes[0]?.variablesReference;
  expect(await client.refused('variables', { variablesReference })).toContain('earlier stop');
});

test('a huge read gets a piece and no more', async () => {
  const client = await launched();
  await client.move('next');
  const memoryReference = (await client.variables('Pointers'))[0]?.memoryReference;
  const read = await client.request('readMemory', {
    memoryReference,
    count: Number.MAX_SAFE_INTEGER,
  });
  expect(Buffer.from(read.data ?? '', 'base64').length).toBeGreaterThan(40);
  expect(Buffer.from(read.data ?? '', 'base64').length).toBeLessThanOrEqual(64 * 1024);
  const end = { memoryReference: '0xffffffffffffffff', count: 2 ** 31 };
  expect((await client.respond('readMemory', end)).success).toBe(false);
});

test('data breakpoints on nothing are not verified', async () => {
  const client = await launched();
  const breakpoints = ['block nobody', 'bytes x y', '', 'buf'].map((dataId) => ({ dataId }));
  const set = await client.request('setDataBreakpoints', { breakpoints });
  expect(set.breakpoints.map((each) => each.verified)).toEqual([false, false, false, false]);
  expect((await client.request('dataBreakpointInfo', { name: 'nothing' })).dataId).toBeNull();
});

test.each([
  ['nothing to replay', {}, /no path to replay/],
  ['a file that is not there', { path: '/nowhere.json' }, /nowhere\.json cannot be read/],
  ['a file that is no JSON', { path: '/project/helpers.c' }, /is not JSON/],
  ['a path that is none', { flaggedPath: { version: 2 } }, /version must be 1/],
  [
    'a path without steps',
    { flaggedPath: { version: 1, rule: 'x', steps: [], fault: 0 } },
    /fault must be/,
  ],
  ['a Python that is not modelled', { flaggedPath: PATH, python: '2.7' }, /python/],
])(
  'a launch with %s is refused with what is wrong, and may be tried again',
  async (_, args, expected) => {
    const client = new DebugClient(FILES);
    await client.request('initialize', {});
    expect(await client.refused('launch', args)).toMatch(expected);
    await client.request('launch', { flaggedPath: PATH });
    await client.request('configurationDone');
    expect(await client.stack()).toEqual(['reverse:11']);
  },
);

test.each([
  'next',
  'stackTrace',
  'configurationDone',
  'variables',
  'evaluate',
  'readMemory',
  'setBreakpoints',
])('%s before the launch is refused', async (command) => {
  const client = new DebugClient();
  const args = {
    expression: 'p',
    variablesReference: 1,
    memoryReference: '0x1',
    count: 1,
    source: {},
  };
  expect(await client.refused(command, args)).toMatch(/launched first/);
});

test('gaps and repetitions in the numbers of requests do not matter, what is no request is ignored', async () => {
  const client = await launched();
  const before = client.messages.length;
  for (const message of [
    null,
    7,
    'next',
    [],
    {},
    { type: 'event', event: 'x' },
    { type: 'request' },
  ])
    await client.adapter.handle(message);
  expect(client.messages).toHaveLength(before);
  for (const seq of [1000, 3, 3])
    await client.adapter.handle({ seq, type: 'request', command: 'threads' });
  await client.adapter.handle({ type: 'request', command: 'threads' });
  const answered = client.messages.slice(before).map((message) => ({ ...message }));
  expect(answered).toMatchObject([
    { request_seq: 1000 },
    { request_seq: 3 },
    { request_seq: 3 },
    { request_seq: 0 },
  ]);
});

test('requests that are sent without waiting are answered in order', async () => {
  const client = new DebugClient(FILES);
  const commands = ['initialize', 'launch', 'configurationDone', 'next', 'next', 'stackTrace'];
  await Promise.all(
    commands.map((command, index) =>
      client.adapter.handle({
        seq: index + 1,
        type: 'request',
        command,
        arguments: { flaggedPath: PATH },
      }),
    ),
  );
  const answered = client.messages
    .map((message) => ({ ...message }))
    .filter(({ type }) => type === 'response');
  expect(answered).toMatchObject(commands.map((command) => ({ command, success: true })));
});

test('no order of requests makes it throw, leave a request unanswered or lose its place', async () => {
  const motions = [
    'next',
    'stepIn',
    'stepOut',
    'stepBack',
    'reverseContinue',
    'continue',
    'restart',
    'pause',
  ];
  const looks = ['stackTrace', 'exceptionInfo', 'threads', 'loadedSources'];
  const args = oneof(constant({}), jsonValue(), constant({ granularity: 'instruction' }));
  const commands = array(tuple(constantFrom(...motions, ...looks), args), {
    maxLength: 40,
  });
  const paths = [PATH, pathIn('/project/crashes.c', CRASHES)];
  await assert(
    asyncProperty(commands, constantFrom(...paths), async (sequence, path) => {
      const client = await DebugClient.launched(path, FILES);
      for (const [command, value] of sequence) await client.respond(command, value);
      const stack = await client.stack();
      expect(stack.length).toBeGreaterThan(0);
      const there = client.adapter.place?.frame ?? -1;
      expect(there).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 40, seed: 20240611 },
  );
});

test('after it is disposed of, it says nothing more', async () => {
  const client = await launched();
  const before = client.messages.length;
  client.adapter.dispose();
  await client.adapter.handle({ seq: 1, type: 'request', command: 'next' });
  expect(client.messages).toHaveLength(before);
});
