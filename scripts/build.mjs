// Bundles every entry point into dist/: the extension, the language server, the command line and the
// heap panel, and copies the parser's wasm files beside them.
//   node scripts/build.mjs [--watch] [--production] [--only extension|cli] [--outdir DIR]
// An entry point whose source does not exist is left out, by name, so that the others still build.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const WASM_FILES = [
  'web-tree-sitter/tree-sitter.wasm',
  'tree-sitter-c/tree-sitter-c.wasm',
  'tree-sitter-cpp/tree-sitter-cpp.wasm',
];

const NODE_BANNER = "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;";

/** @returns {import('esbuild').BuildOptions} */
function common(production) {
  return {
    absWorkingDir: root,
    bundle: true,
    minify: production,
    sourcemap: production ? false : 'linked',
    legalComments: 'none',
    logLevel: 'warning',
  };
}

/** @returns {import('esbuild').BuildOptions} */
function nodeBundle(production) {
  return {
    ...common(production),
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    // Stack traces that users send should name functions; `keepNames` would cost at each closure made.
    minify: false,
    minifyWhitespace: production,
    minifySyntax: production,
    // The native parsers are optional: they are looked up at run time and never bundled.
    external: ['vscode', 'tree-sitter', 'tree-sitter-c', 'tree-sitter-cpp'],
    // Modules read import.meta.url, which a CommonJS bundle does not have. A first line `#!` stays above it.
    banner: { js: NODE_BANNER },
    define: { 'import.meta.url': 'importMetaUrl' },
  };
}

/** @returns {import('esbuild').BuildOptions} */
function pageBundle(production) {
  return {
    ...common(production),
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  };
}

/**
 * What runs in the browser: paths are those of URIs, and what packages would ask of Node is never asked.
 * @returns {import('esbuild').BuildOptions}
 */
function webBundle(production) {
  return {
    ...common(production),
    platform: 'browser',
    target: 'es2022',
    alias: { 'node:path': 'pathe' },
    // web-tree-sitter asks for them where it finds Node.
    external: ['vscode', 'fs', 'fs/promises', 'path'],
  };
}

/** @returns {import('esbuild').BuildOptions} */
function webClientBundle(production) {
  return { ...webBundle(production), format: 'cjs' };
}

/** @returns {import('esbuild').BuildOptions} */
function webServerBundle(production) {
  return { ...webBundle(production), format: 'iife' };
}

/**
 * By the file they make. `of`: the .vsix is made of these, the command line in the wheel of those.
 * @typedef {'extension' | 'cli'} Part
 * @type {Readonly<Record<string, { entry: string, of: readonly Part[], options: (production: boolean) => import('esbuild').BuildOptions }>>}
 */
const BUNDLES = {
  'client.cjs': { entry: 'client/node-main.ts', of: ['extension'], options: nodeBundle },
  'server.cjs': { entry: 'server/lsp/node-main.ts', of: ['extension'], options: nodeBundle },
  'check-worker.cjs': {
    entry: 'server/lsp/check-worker.ts',
    of: ['extension', 'cli'],
    options: nodeBundle,
  },
  'cli.cjs': { entry: 'server/cli/main.ts', of: ['cli'], options: nodeBundle },
  'web-client.js': { entry: 'client/web/main.ts', of: ['extension'], options: webClientBundle },
  'web-server.js': { entry: 'server/lsp/web/main.ts', of: ['extension'], options: webServerBundle },
  'check-helper.cjs': { entry: 'server/cli/check-helper.ts', of: ['cli'], options: nodeBundle },
  'mcp.cjs': { entry: 'server/mcp/stdio.ts', of: ['cli'], options: nodeBundle },
  'heap-panel.js': {
    entry: 'client/heap-panel/main.tsx',
    of: ['extension', 'cli'],
    options: pageBundle,
  },
  'findings-page.js': {
    entry: 'client/heap-panel/findings-page.ts',
    of: ['cli'],
    options: pageBundle,
  },
  'findings-page.css': {
    entry: 'client/heap-panel/findings-page.css',
    of: ['cli'],
    options: common,
  },
  'heap-panel.css': {
    entry: 'client/heap-panel/heap-panel.css',
    of: ['extension', 'cli'],
    options: common,
  },
};

/**
 * Builds once. A bundle that fails does not keep the others from being written; then throws.
 * @param {{ production?: boolean, outdir?: string, only?: Part }} options
 * @returns {Promise<readonly string[]>} the names of the files made
 */
export async function build({ production = false, outdir = path.join(root, 'dist'), only } = {}) {
  copyWasm(outdir);
  const chosen = presentBundles(outdir, production, only);
  const results = await Promise.allSettled(chosen.map(({ options }) => esbuild.build(options)));
  const failed = chosen.filter((_bundle, index) => results[index].status === 'rejected');
  if (failed.length > 0) {
    throw new Error(`not built: ${failed.map(({ name }) => name).join(', ')}`);
  }
  return chosen.map(({ name }) => name);
}

async function watch() {
  const outdir = path.join(root, 'dist');
  copyWasm(outdir);
  const chosen = presentBundles(outdir, false);
  const contexts = await Promise.all(chosen.map(({ options }) => esbuild.context(options)));
  await Promise.all(contexts.map((context) => context.watch()));
  // The background task in .vscode/tasks.json waits for this line.
  console.log('build: watching');
}

function presentBundles(outdir, production, only) {
  return Object.entries(BUNDLES)
    .filter(([, bundle]) => only === undefined || bundle.of.includes(only))
    .filter(([name, { entry }]) => {
      const present = existsSync(path.join(root, entry));
      if (!present) console.warn(`build: no ${entry}; ${name} is left out`);
      return present;
    })
    .map(([name, { entry, options }]) => ({
      name,
      options: {
        ...options(production),
        entryPoints: [entry],
        outfile: path.join(outdir, name),
      },
    }));
}

function copyWasm(outdir) {
  mkdirSync(outdir, { recursive: true });
  for (const file of WASM_FILES) {
    const source = path.join(root, 'node_modules', file);
    if (existsSync(source)) copyFileSync(source, path.join(outdir, path.basename(file)));
    else console.warn(`build: ${file} is not installed; the wasm parser will not load`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      watch: { type: 'boolean' },
      production: { type: 'boolean' },
      only: { type: 'string' },
      outdir: { type: 'string' },
    },
  });
  try {
    if (values.watch) {
      await watch();
    } else {
      const started = performance.now();
      const names = await build({
        production: values.production,
        only: values.only,
        outdir: values.outdir,
      });
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`build: ${names.join(', ')} in ${seconds} s`);
    }
  } catch (error) {
    // esbuild has printed the reasons.
    console.error(`build: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
