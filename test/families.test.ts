import { expect, test } from 'vitest';
import { isFamily } from '../simulator/families.ts';

test('a family is known by its name', () => {
  expect(isFamily('py-mem')).toBe(true);
  expect(isFamily('toString')).toBe(false);
});
