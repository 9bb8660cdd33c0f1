#!/usr/bin/env node
// The program `pymem-lint`: wires the engine to the commands and runs the command line. The only file here
// that touches the process.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { why } from '../explain/why.ts';
import { checkWithHelpers } from './helper-threads.ts';
import { runServer } from '../lsp/node.ts';
import { RULES } from '../rules/index.ts';
import { SUPPRESSION_RULES } from '../suppressions/suppression-rules.ts';
import { loadParser } from '../syntax/load-parser.ts';
import type { Product } from './check-run.ts';
import { readBundles } from './page-bundles.ts';
import { defaultCacheFolder, ResultCache } from './result-cache.ts';
import { runProgram } from './run-program.ts';
import { processTerminal } from './terminal.ts';

const DIST = __dirname;

function product(): Product {
  const manifest: unknown = JSON.parse(readFileSync(join(DIST, '..', 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : 'unknown';
  return {
    engine: {
      check: checkWithHelpers(DIST),
      why,
      loadParser: (backend) => loadParser({ backend, wasmDirectory: DIST }),
    },
    rules: [...RULES, ...SUPPRESSION_RULES],
    version,
    page: () => readBundles(DIST),
    cache: (folder) => new ResultCache(folder ?? defaultCacheFolder(process.env), buildId()),
  };
}

/** Of this very program: another one may find something else. */
function buildId(): string {
  return createHash('sha256').update(readFileSync(__filename)).digest('hex');
}

const terminal = processTerminal();
const parts = { product: product(), terminal, dist: DIST, runServer: () => runServer() };
void runProgram(parts, process.argv.slice(2)).then((code) => {
  // Not process.exit: a pipe may still hold unwritten output.
  process.exitCode = code;
});
