// Writes the documents that are made from code: docs/rules/, the table of rules in README.md, the keys of
// the configuration file and its JSON Schema.
//   node scripts/generate.mjs          writes what differs
//   node scripts/generate.mjs --check  writes nothing; exit 1 and the names when something differs
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const RULE_PAGES = path.join('docs', 'rules');
const README = 'README.md';
const CONFIGURATION = path.join('docs', 'configuration.md');
const CONFIG_SCHEMA = path.join('docs', 'pymem-lint.schema.json');
const KEYS = /(<!-- keys: generated -->\n)[\s\S]*?(<!-- end -->)/;
const TABLE = /(<!-- rules: generated -->\n)[\s\S]*?(<!-- end -->)/;

/** Content by path relative to the root. */
async function generated() {
  const sources = await loadSources();
  const { RULES, ruleMarkdown, rulesMarkdown, rulesTable, configJsonSchema, configMarkdown } =
    sources;
  const parser = await sources.loadParser({ backend: 'wasm' });
  const files = new Map([[path.join(RULE_PAGES, 'README.md'), rulesMarkdown(RULES)]]);
  for (const rule of RULES) {
    const page = ruleMarkdown(rule, sources.exampleEnds(rule, parser));
    files.set(path.join(RULE_PAGES, `${rule.id}.md`), page);
  }
  const readme = readFileSync(path.join(root, README), 'utf8');
  if (!TABLE.test(readme)) throw new Error(`${README} has lost the markers of the table of rules`);
  const table = rulesTable(RULES, 'docs/rules/');
  files.set(
    README,
    readme.replace(TABLE, (_, start, end) => `${start}${table}\n${end}`),
  );
  const guide = readFileSync(path.join(root, CONFIGURATION), 'utf8');
  if (!KEYS.test(guide)) throw new Error(`${CONFIGURATION} has lost the markers of its keys`);
  files.set(
    CONFIGURATION,
    guide.replace(KEYS, (_, start, end) => `${start}${configMarkdown()}${end}`),
  );
  files.set(CONFIG_SCHEMA, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  return files;
}

/** The sources are TypeScript: bundled into one temporary module, imported, removed. Packages are found from there. */
async function loadSources() {
  const out = path.join(root, 'out');
  mkdirSync(out, { recursive: true });
  const folder = mkdtempSync(path.join(out, 'generate-'));
  try {
    const outfile = path.join(folder, 'rules.mjs');
    await esbuild.build({
      absWorkingDir: root,
      stdin: {
        contents: `import { RULES as FLOW_RULES } from './server/rules/index.ts';
          import { SUPPRESSION_RULES } from './server/suppressions/suppression-rules.ts';
          export const RULES = [...FLOW_RULES, ...SUPPRESSION_RULES];
          export { loadParser } from './server/syntax/load-parser.ts';
          export { exampleEnds } from './server/cli/example-ends.ts';
          export { ruleMarkdown, rulesMarkdown, rulesTable } from './server/cli/rule-page.ts';
          export { configJsonSchema } from './server/config/config-schema.ts';
          export { configMarkdown } from './server/config/config-docs.ts';`,
        resolveDir: root,
      },
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      outfile,
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(file) {
  const absolute = path.join(root, file);
  return existsSync(absolute) ? readFileSync(absolute, 'utf8') : null;
}

/** Pages of rules that no longer exist. */
function leftovers(files) {
  const folder = path.join(root, RULE_PAGES);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => path.join(RULE_PAGES, name))
    .filter((file) => file.endsWith('.md') && !files.has(file));
}

// From where the sources look for the parser's files.
process.chdir(root);
const files = await generated();
const stale = [...files].filter(([file, content]) => read(file) !== content).map(([file]) => file);
const extra = leftovers(files);
if (process.argv.includes('--check')) {
  for (const file of stale) console.error(`generate: ${file} is not what the code says`);
  for (const file of extra) console.error(`generate: ${file} belongs to no rule`);
  if (stale.length + extra.length > 0) {
    console.error('generate: run npm run generate');
    process.exitCode = 1;
  }
} else {
  mkdirSync(path.join(root, RULE_PAGES), { recursive: true });
  for (const file of stale) writeFileSync(path.join(root, file), files.get(file));
  for (const file of extra) rmSync(path.join(root, file));
  console.log(`generate: ${files.size} files, ${stale.length} written, ${extra.length} removed`);
}
