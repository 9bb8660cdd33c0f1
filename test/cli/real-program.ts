// The command line with the real analyzer, in this process.
import { checkInTurns } from '../../server/cli/check-in-turns.ts';
import { createProgram } from '../../server/cli/program.ts';
import { why } from '../../server/explain/why.ts';
import { RULES } from '../../server/rules/index.ts';
import { SUPPRESSION_RULES } from '../../server/suppressions/suppression-rules.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import { captured } from './captured-terminal.ts';

export interface Ran {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** Throws what the commands throw. */
export async function realProgram(
  folder: string,
  args: readonly string[],
  input = '',
): Promise<Ran> {
  const terminal = captured(folder, input);
  const product = {
    engine: { check: checkInTurns, why, loadParser: () => loadParser({ backend: 'auto' }) },
    rules: [...RULES, ...SUPPRESSION_RULES],
    version: '1.2.3',
    cache: () => null,
    page: () => {
      throw new Error('no page is asked for');
    },
  };
  const program = createProgram({
    product,
    terminal,
    dist: '/nowhere',
    runServer: () => undefined,
  });
  const status = await program.run(args);
  return { status, output: terminal.output(), errors: terminal.errors() };
}
