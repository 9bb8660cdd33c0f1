// Runs a TypeScript entry point of this repository: bundled into one temporary module and imported.
//   node scripts/run.mjs ENTRY [ARGUMENTS...]
// The entry point finds its own arguments in process.argv, as if it had been started by node itself.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [entry, ...others] = process.argv.slice(2);
if (entry === undefined) {
  console.error('usage: node scripts/run.mjs ENTRY [ARGUMENTS...]');
  process.exit(2);
}
// Inside the repository, so that packages left out of the bundle are found from there.
const out = path.join(root, 'out');
mkdirSync(out, { recursive: true });
const folder = mkdtempSync(path.join(out, 'run-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const outfile = path.join(folder, 'entry.mjs');
/** @type {import('esbuild').BuildOptions} */
const options = {
  absWorkingDir: root,
  entryPoints: [entry],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: 'inline',
  packages: 'external',
  outfile,
  logLevel: 'warning',
};
try {
  await esbuild.build(options);
} catch {
  // esbuild has printed the reasons.
  process.exit(2);
}
process.argv.splice(1, process.argv.length - 1, path.join(root, entry), ...others);
await import(pathToFileURL(outfile).href);
