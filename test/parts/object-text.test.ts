// A graph of objects comes back from its text as it was: what is shared, what JSON has no word for, long chains.
import { anything, assert, property } from 'fast-check';
import { expect, test } from 'vitest';
import { fromText, toText } from '../../server/parts/object-text.ts';

function back(value: object): unknown {
  return fromText(
    toText(value, () => null),
    () => null,
  );
}

test('gives back what it was given', () => {
  const values = anything({ withBigInt: true, withMap: true, withSet: true });
  assert(
    property(values, (value) => {
      const plain: unknown = structuredClone({ value });
      expect(back({ value })).toEqual(plain);
    }),
  );
});

test('keeps what is shared, and circles', () => {
  const shared = { name: 'shared' };
  const circle: { self: unknown; pair: object[] } = { self: null, pair: [shared, shared] };
  circle.self = circle;
  const read = back(circle);
  expect(read).toEqual(circle);
  expect(read).toMatchObject({ pair: [{ name: 'shared' }, { name: 'shared' }] });
  expect(Reflect.get(Object(read), 'self')).toBe(read);
  const pair: unknown = Reflect.get(Object(read), 'pair');
  expect(Reflect.get(Object(pair), 0)).toBe(Reflect.get(Object(pair), 1));
});

test('writes a long text once', () => {
  const long = 'a text that is long enough to be written once, however often it is there '.repeat(
    2,
  );
  const values = { first: long, second: [long, new Map([[long, long]])] };
  expect(toText(values, () => null).split(long)).toHaveLength(2);
  expect(back(values)).toEqual(values);
});

test('survives a chain that is longer than the stack is deep', () => {
  let chain: { previous: object | null } = { previous: null };
  for (let i = 0; i < 50_000; i++) chain = { previous: chain };
  let length = 0;
  let at = back(chain);
  for (; typeof at === 'object' && at !== null && 'previous' in at; length++) at = at.previous;
  expect(length).toBe(50_001);
});

test('names what stands for more than its content', () => {
  const row = { name: 'free' };
  const text = toText([row, row], (object) => (object === row ? 'row free' : null));
  expect(text).not.toContain('"name":"free"');
  const read = fromText(text, (name) => (name === 'row free' ? row : null));
  expect(read).toEqual([row, row]);
});

test('refuses another text', () => {
  expect(() => fromText('{}', () => null)).toThrow('not written by this program');
});
