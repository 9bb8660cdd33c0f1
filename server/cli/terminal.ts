// Where a command writes and in which style. Commands get a Terminal instead of touching `process`,
// so a test reads what they wrote. Knows nothing of findings.
import { writeSync } from 'node:fs';
import picocolors from 'picocolors';
import { LARGEST_INPUT, tooLarge } from '../files/read-bytes.ts';
import { reasonOf } from '../reason-of.ts';
import { EXIT, UsageError } from './exit.ts';

export type Colors = ReturnType<typeof picocolors.createColors>;

export interface Output {
  write(text: string): void;
  readonly colors: Colors;
  /** A person is looking. */
  readonly isTty: boolean;
  /** Cells of a line, when a person is looking. */
  readonly columns: number | null;
}

export interface Terminal {
  /** The result: what another program may read. */
  readonly out: Output;
  /** Notes and errors for a person. */
  readonly err: Output;
  /** What the command is given on standard input, to its end. */
  readInput(): Promise<Uint8Array>;
  /** Every relative path starts here. */
  readonly cwd: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** FORCE_COLOR wins over NO_COLOR, as in Node; an empty value counts as not set. */
export function wantsColor(environment: Environment, isTty: boolean): boolean {
  const force = environment['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  return isTty && environment['TERM'] !== 'dumb';
}

export const PLAIN: Colors = picocolors.createColors(false);
export const COLORED: Colors = picocolors.createColors(true);

export function processTerminal(): Terminal {
  return {
    out: output(process.stdout),
    err: output(process.stderr),
    readInput: async () => {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of process.stdin) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LARGEST_INPUT)
          throw new UsageError(`standard input is ${tooLarge(LARGEST_INPUT).message}.`);
      }
      return Buffer.concat(chunks);
    },
    cwd: process.cwd(),
  };
}

/** A full disk, say: nothing more can be told there. */
function failToWrite(error: Error): never {
  try {
    writeSync(
      process.stderr.fd,
      `pymem-lint: error: cannot write the output: ${reasonOf(error)}\n`,
    );
  } catch {
    // Neither here.
  }
  process.exit(EXIT.failure);
}

function output(stream: NodeJS.WriteStream): Output {
  // A reader such as `head` may close the pipe early; that is no error of ours.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') failToWrite(error);
  });
  return {
    write: (text) => void stream.write(text),
    colors: wantsColor(process.env, stream.isTTY) ? COLORED : PLAIN,
    isTty: stream.isTTY,
    columns: stream.isTTY && stream.columns > 0 ? stream.columns : null,
  };
}
