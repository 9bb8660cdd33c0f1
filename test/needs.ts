// What a test needs of the machine: the one way in which a test is skipped. With CI set it is not skipped but fails, and
// says what is missing; scripts/install-system-packages.mjs installs what CI needs.
import { describe, test } from 'vitest';

type Body = () => void | Promise<void>;

/** As Vitest's own; the timeout in milliseconds. */
type Register = (name: string, body: Body, timeout?: number) => void;

interface Needing {
  readonly test: Register;
  readonly describe: Register;
}

const inCi = !['', '0', 'false'].includes(process.env['CI'] ?? '');
const told = new Set<string>();

/**
 * `test` and `describe` of what runs only where something is there.
 * @param what names it to a reader: 'ninja', 'the headers of Python'
 * @param why it is not there, where that can be said
 */
export function needs(what: string, isThere: boolean, why = ''): Needing {
  if (isThere) return { test, describe };
  const missing = `needs ${what}${why === '' ? '' : `: ${why}`}`;
  if (inCi) {
    const fail: Register = (name) =>
      test(name, () => {
        throw new Error(missing);
      });
    return { test: fail, describe: fail };
  }
  if (!told.has(missing)) console.warn(`not run: ${missing}`);
  told.add(missing);
  return { test: test.skip, describe: describe.skip };
}
