// `pymem-lint check --steps LIST`: the last step of a check that was cut into steps. It reads what the others have
// written, does what is missing, and reports as any check does.
import { checkInParts, type StepOutputs } from '../parts/check-in-parts.ts';
import type { IndexedFile } from '../parts/index-file.ts';
import { ReportError } from '../parts/reports.ts';
import { checkCommand, type CheckOptions } from './check-command.ts';
import type { Product } from './check-run.ts';
import { type ExitCode, UsageError } from './exit.ts';
import { type ListedFile, listedFiles, readIndexFile } from './step-files.ts';
import type { Terminal } from './terminal.ts';
import { readTextOrFail } from './user-files.ts';

/** Throws UsageError. */
export function checkWithSteps(
  options: CheckOptions,
  list: string,
  product: Product,
  terminal: Terminal,
): Promise<ExitCode> {
  const made = readOutputs(listedFiles([`@${list}`], terminal.cwd), terminal.cwd);
  const engine: Product['engine'] = {
    ...product.engine,
    check: async (files, parser, settings, tell = () => undefined) => {
      try {
        return await checkInParts(files, parser, settings, { helpers: [], made, tell });
      } catch (error) {
        if (!(error instanceof ReportError)) throw error;
        throw new UsageError(`a report in '${list}' cannot be used: run step check again.`);
      }
    },
  };
  // The engine that runs the steps keeps what they write.
  return checkCommand({ ...options, cacheDir: false }, { ...product, engine }, terminal);
}

function readOutputs(listed: readonly ListedFile[], cwd: string): StepOutputs {
  const indexes = new Map<string, IndexedFile>();
  const reports: string[] = [];
  for (const { path, kind } of listed) {
    if (kind === 'report') reports.push(readTextOrFail(path, cwd));
    else {
      const index = readIndexFile(path, cwd);
      indexes.set(index.source.file, index);
    }
  }
  return { indexes, reports };
}
