// Suggestions for mistyped names: near ones only.
import { expect, test } from 'vitest';
import { didYouMean, nearestName } from '../server/nearest-name.ts';

const RULES = ['mismatched-free', 'mismatched-realloc', 'double-free', 'borrowed-free'];

test('the nearest within reach', () => {
  expect(nearestName('mismatch-free', RULES)).toBe('mismatched-free');
  expect(nearestName('doubel-free', RULES)).toBe('double-free');
  expect(nearestName('Double-Free', RULES)).toBe('double-free');
  expect(nearestName('leak', RULES)).toBeNull();
  expect(nearestName('', RULES)).toBeNull();
  expect(nearestName('ab', ['ba'])).toBe('ba');
});

test('a suggestion is a sentence or nothing', () => {
  expect(didYouMean('doubel-free', RULES)).toBe(" Did you mean 'double-free'?");
  expect(didYouMean('xyz', RULES)).toBe('');
});
