// A terminal that keeps what is written to it.
import { PLAIN, type Terminal } from '../../server/cli/terminal.ts';

export interface CapturedTerminal extends Terminal {
  output(): string;
  errors(): string;
}

export function captured(cwd = '/project', input = ''): CapturedTerminal {
  const written = { out: '', err: '' };
  const into = (stream: 'out' | 'err') => ({
    colors: PLAIN,
    isTty: false,
    columns: null,
    write: (text: string) => void (written[stream] += text),
  });
  return {
    out: into('out'),
    err: into('err'),
    readInput: () => Promise.resolve(Buffer.from(input)),
    cwd,
    output: () => written.out,
    errors: () => written.err,
  };
}
