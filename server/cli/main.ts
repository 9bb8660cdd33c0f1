// The program `pymem-lint`: reads the command line, wires the engine to the commands, turns what they
// throw into a message and an exit code. The only file here that touches the process.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { why } from '../explain/why.ts';
import { checkInTurns } from './check-in-turns.ts';
import { runServer } from '../lsp/node.ts';
import { RULES } from '../rules/index.ts';
import { SUPPRESSION_RULES } from '../suppressions/suppression-rules.ts';
import { loadParser } from '../syntax/load-parser.ts';
import type { Product } from './check-command.ts';
import { readBundles } from './heap-page.ts';
import { createProgram } from './program.ts';
import { EXIT, UsageError } from './exit.ts';
import { processTerminal, type Terminal } from './terminal.ts';

const DIST = __dirname;

function product(): Product {
  const manifest: unknown = JSON.parse(readFileSync(join(DIST, '..', 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : 'unknown';
  return {
    engine: {
      check: checkInTurns,
      why,
      loadParser: (backend) => loadParser({ backend, wasmDirectory: DIST }),
    },
    rules: [...RULES, ...SUPPRESSION_RULES],
    version,
    page: () => readBundles(DIST),
  };
}

async function main(terminal: Terminal): Promise<number> {
  try {
    const parts = { product: product(), terminal, dist: DIST, runServer: () => runServer() };
    return await createProgram(parts).run(process.argv.slice(2));
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clean : EXIT.failure;
    const label = terminal.err.colors.red('error');
    if (error instanceof UsageError) {
      terminal.err.write(`pymem-lint: ${label}: ${error.message}\n`);
    } else {
      const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
      terminal.err.write(`pymem-lint: internal ${label}: ${trace}\n`);
    }
    return EXIT.failure;
  }
}

void main(processTerminal()).then((code) => {
  // Not process.exit: a pipe may still hold unwritten output.
  process.exitCode = code;
});
