// Settings: read key by key, complained about, asked of the client, and equal to the manifest's.
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SERVER_SETTINGS, readSettings, SETTINGS } from '../../server/lsp/settings.ts';
import manifest from '../../package.json' with { type: 'json' };
import { BAD_C, fakeEngine, GOOD_C } from './fake-engine.ts';
import { PULL, startInMemory, until } from './test-client.ts';

const URI = 'file:///w/a.c';
const RULES = ['mismatched-free', 'double-free'];
const ASKED = { ...PULL, workspace: { configuration: true } };

describe('readSettings', () => {
  test('nothing set is the defaults, without complaint', () => {
    for (const section of [undefined, null, {}, { run: null }]) {
      expect(readSettings(section, RULES)).toEqual({
        settings: DEFAULT_SERVER_SETTINGS,
        problems: [],
      });
    }
  });

  test('good values are taken', () => {
    const section = {
      select: ['all'],
      ignore: ['double-free'],
      minConfidence: 'possible',
      generated: false,
      run: 'onSave',
      trace: { server: 'verbose' },
    };
    expect(readSettings(section, RULES)).toEqual({
      settings: {
        check: {
          select: ['all'],
          ignore: ['double-free'],
          minConfidence: 'possible',
          nolint: true,
          severity: {},
          functions: [],
          generated: false,
        },
        run: 'onSave',
        codeLens: 'errors',
        python: null,
      },
      problems: [],
    });
  });

  test('a bad value falls back alone and is named with what was expected', () => {
    const section = { ignore: 'double-free', minConfidence: 3, run: 'onSave' };
    const { settings, problems } = readSettings(section, RULES);
    expect(settings).toEqual({ ...DEFAULT_SERVER_SETTINGS, run: 'onSave' });
    expect(problems).toEqual([
      'pymem-lint.ignore: expected a list of rule ids, got "double-free"; using [].',
      'pymem-lint.minConfidence: expected one of definite, likely, possible, got 3; using "likely".',
    ]);
  });

  test('unknown keys, unknown rules and a section of another type are named', () => {
    const section = {
      select: ['default', 'everything'],
      ignore: ['duble-free'],
      minConfidense: 'likely',
      trace: { server: 'loud' },
    };
    expect(readSettings(section, RULES).problems).toEqual([
      'pymem-lint.minConfidense is not a setting; known are select, ignore, minConfidence, generated, run, codeLens, trace.server.',
      'pymem-lint.select: there is no rule "everything".',
      'pymem-lint.ignore: there is no rule "duble-free".',
      'pymem-lint.trace.server: expected one of off, messages, verbose, got "loud"; using "off".',
    ]);
    expect(readSettings([1], RULES).problems).toEqual([
      'pymem-lint: expected an object of settings, got [1].',
    ]);
  });
});

test('the settings of the manifest are those of the server: keys, values, defaults', () => {
  const properties = v.parse(
    v.record(v.string(), v.looseObject({ markdownDescription: v.string() })),
    manifest.contributes.configuration.properties,
  );
  expect(Object.keys(properties).toSorted()).toEqual(
    Object.keys(SETTINGS)
      .map((key) => `pymem-lint.${key}`)
      .toSorted(),
  );
  const orders = new Set<unknown>();
  for (const [key, { fallback, schema }] of Object.entries(SETTINGS)) {
    const property = properties[`pymem-lint.${key}`];
    expect(property?.['default'], key).toEqual(fallback);
    expect(v.is(schema, property?.['default']), key).toBe(true);
    expect(property?.['markdownDescription'], key).toEqual(expect.any(String));
    expect(property?.['scope'], key).toEqual(expect.stringMatching(/^(resource|window)$/));
    orders.add(property?.['order']);
    if (schema.type === 'picklist') {
      expect(property?.['enum'], key).toEqual(schema.options);
      expect(property?.['enumDescriptions'], key).toHaveLength(schema.options.length);
    } else if (schema.type === 'boolean') {
      expect(property?.['type'], key).toBe('boolean');
    } else {
      expect(property, key).toMatchObject({ type: 'array', items: { type: 'string' } });
    }
  }
  expect(orders.size).toBe(Object.keys(SETTINGS).length);
});

test("the client's configuration decides, and its change takes effect", async () => {
  const { client } = startInMemory(fakeEngine());
  client.configuration = { ignore: ['mismatched-free'], minConfidence: 'certain' };
  await client.initialize({ capabilities: ASKED });
  await client.open(URI, BAD_C);
  expect(await client.items(URI)).toEqual([]);
  await until('the complaint', () => client.logs.find((entry) => entry.includes('"certain"')));
  client.configuration = { ignore: [] };
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  expect(await client.items(URI)).toHaveLength(1);
});

test('the server asks to be told of changes where that can be asked', async () => {
  const { client } = startInMemory(fakeEngine());
  const workspace = { didChangeConfiguration: { dynamicRegistration: true } };
  await client.initialize({ capabilities: { ...PULL, workspace } });
  await until('the registration', () =>
    client.registered.includes('workspace/didChangeConfiguration'),
  );
});

test('a client that is not asked is believed at initialization and when it says more', async () => {
  const { client } = startInMemory(fakeEngine());
  const settings = { ignore: ['mismatched-free'] };
  await client.initialize({ initializationOptions: { settings } });
  await client.open(URI, BAD_C);
  expect(await client.items(URI)).toEqual([]);
  await client.connection.sendNotification('workspace/didChangeConfiguration', {
    settings: { 'pymem-lint': { ignore: [] } },
  });
  expect(await client.items(URI)).toHaveLength(1);
});

test('a client that answers with an error gets the settings of the initialization', async () => {
  const { client } = startInMemory(fakeEngine());
  client.connection.onRequest('workspace/configuration', () => {
    throw new Error('not today');
  });
  const settings = { ignore: ['mismatched-free'] };
  await client.initialize({ capabilities: ASKED, initializationOptions: { settings } });
  await client.open(URI, BAD_C);
  expect(await client.items(URI)).toEqual([]);
  await until('the complaint', () => client.logs.find((entry) => entry.includes('not today')));
});

test('run: onSave checks the text as last saved', async () => {
  const engine = fakeEngine();
  const { client } = startInMemory(engine);
  client.configuration = { run: 'onSave' };
  await client.initialize({ capabilities: ASKED });
  await client.open(URI, GOOD_C);
  const first = await client.pull(URI);
  expect(first).toMatchObject({ kind: 'full', items: [] });
  await client.change(URI, { text: BAD_C });
  expect((await client.pull(URI, first.resultId)).kind).toBe('unchanged');
  expect(engine.checked).toEqual([GOOD_C]);
  await client.save(URI);
  expect(await client.items(URI)).toHaveLength(1);
});

test('run: onSave asks a pulling client to pull again after a save', async () => {
  const { client } = startInMemory(fakeEngine());
  client.configuration = { run: 'onSave' };
  let refreshes = 0;
  client.connection.onRequest('workspace/diagnostic/refresh', () => {
    refreshes += 1;
    return null;
  });
  const workspace = { configuration: true, diagnostics: { refreshSupport: true } };
  await client.initialize({ capabilities: { ...PULL, workspace } });
  await client.open(URI, GOOD_C);
  await client.items(URI);
  await client.save(URI);
  await until('a refresh', () => refreshes === 1);
});
