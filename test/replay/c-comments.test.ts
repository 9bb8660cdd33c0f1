// What of a line of C the list of steps shows.
import { expect, test } from 'vitest';
import { withoutComments } from '../../simulator/c-comments.ts';

test.each([
  ['free(text); /* DEFECT: "es" */', 'free(text);'],
  ['free(text) /* why */;', 'free(text);'],
  ['free(text); // gone', 'free(text);'],
  ['f(/* n */ 1, "/* no comment */", \'"\'); // "', 'f(  1, "/* no comment */", \'"\');'],
  ['open("http://x\\"//y"); /* not closed', 'open("http://x\\"//y");'],
  ['x = a / b;', 'x = a / b;'],
  ['/* only a comment */', '/* only a comment */'],
  ['', ''],
])('%s', (line, shown) => {
  expect(withoutComments(line)).toBe(shown);
});
