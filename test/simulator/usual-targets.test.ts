// The Python that a finding is shown on first is one that the project is for.
import { expect, test } from 'vitest';
import { usualPython, usualTargets } from '../../simulator/target.ts';

test.each([
  [null, '3.11'],
  [['3.8', '3.9', '3.10', '3.11', '3.12'], '3.11'],
  [['3.12', '3.13'], '3.12'],
  [['3.8', '3.9'], '3.9'],
  [[], '3.11'],
  [['2.7'], '3.11'],
])('of %j it is %s', (allowed, python) => {
  expect(usualPython(allowed)).toBe(python);
});

test('both builds are of that Python', () => {
  expect(usualTargets('3.12').map(({ python, build }) => [python, build])).toEqual([
    ['3.12', 'release'],
    ['3.12', 'debug'],
  ]);
});
