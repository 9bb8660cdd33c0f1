// Makes pymem-lint-<version>.vsix from a folder of its own, so that nothing but what is listed here can
// get in: the production bundles of the extension, its manifest, icon and the documents about it.
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { build } from './build.mjs';

const COPIED = ['README.md', 'CHANGELOG.md', 'LICENSE', 'media/icon.png', 'media/walkthrough'];
/** What of package.json is about the npm package and the checkout, not about the extension. */
const NOT_MANIFEST = [
  'private',
  'bin',
  'files',
  'scripts',
  'allowScripts',
  'dependencies',
  'optionalDependencies',
  'devDependencies',
];

/** KB; it is downloaded by everyone, and at each update. */
const LARGEST = 2048;

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const packagePath = path.join(root, `${manifest.name}-${manifest.version}.vsix`);
const staging = mkdtempSync(path.join(tmpdir(), 'pymem-lint-vsix-'));
try {
  await build({ production: true, outdir: path.join(staging, 'dist'), only: 'extension' });
  for (const file of COPIED) {
    if (existsSync(path.join(root, file)))
      cpSync(path.join(root, file), path.join(staging, file), { recursive: true });
    else console.warn(`package: there is no ${file}`);
  }
  const kept = Object.entries(manifest).filter(([key]) => !NOT_MANIFEST.includes(key));
  // Everything in the folder belongs in; vsce asks to hear it.
  kept.push(['files', ['**']]);
  writeFileSync(
    path.join(staging, 'package.json'),
    `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`,
  );
  await createVSIX({ cwd: staging, packagePath, dependencies: false });
  const kilobytes = Math.ceil(statSync(packagePath).size / 1024);
  console.log(`package: ${path.basename(packagePath)}, ${kilobytes} KB`);
  if (kilobytes > LARGEST) throw new Error(`the .vsix may have ${LARGEST} KB`);
} catch (error) {
  console.error(`package: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(staging, { recursive: true, force: true });
}
