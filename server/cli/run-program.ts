// Runs a command line to its exit code: what the commands throw becomes a message.
import { CommanderError } from 'commander';
import { EXIT, UsageError } from './exit.ts';
import { createProgram, type ProgramParts } from './program.ts';

/** Never rejects. A stack trace on the terminal is a defect of ours. */
export async function runProgram(parts: ProgramParts, args: readonly string[]): Promise<number> {
  const { err } = parts.terminal;
  try {
    return await createProgram(parts).run(args);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clean : EXIT.failure;
    const label = err.colors.red('error');
    if (error instanceof UsageError) {
      err.write(`pymem-lint: ${label}: ${error.message}\n`);
    } else {
      const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
      err.write(`pymem-lint: internal ${label}: ${trace}\n`);
    }
    return EXIT.failure;
  }
}
