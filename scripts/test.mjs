// What `npm test` and CI run: installs what the tests need, then types, lint, format, build, generated
// files and every test. The last line of the output is `N passed, N failed`.
//   node scripts/test.mjs [tests...]   the tests to run, as vitest names them; default: all
// Built-in modules only. With CI set a skipped test is a failure.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installSystemPackages } from './install-system-packages.mjs';
import { installPackages, root } from './install.mjs';

const inCi = !['', '0', 'false'].includes(process.env.CI ?? '');
const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const script = (name) => path.join(root, 'scripts', name);

/** Each counts as one check. */
const GATES = [
  { name: 'types', command: bin('tsc'), args: ['-b'] },
  { name: 'lint', command: bin('oxlint'), args: ['--type-aware', '--deny-warnings'] },
  { name: 'format', command: bin('biome'), args: ['format'] },
  { name: 'build', command: process.execPath, args: [script('build.mjs')] },
  { name: 'generated files', command: process.execPath, args: [script('generate.mjs'), '--check'] },
];

const tally = { passed: 0, failed: 0 };
const failures = [];

try {
  installPackages();
  for (const line of installSystemPackages()) console.log(`not here: ${line}`);
  for (const gate of GATES) count(gate.name, runs(gate.command, gate.args));
  runTests();
} catch (error) {
  count(error.message, false);
}
if (failures.length > 0)
  console.log(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;

function count(name, passed) {
  console.log(`${passed ? 'ok' : 'FAILED'}: ${name}`);
  if (passed) {
    tally.passed++;
  } else {
    tally.failed++;
    failures.push(name);
  }
}

function runs(command, args) {
  console.log(`\n> ${path.basename(command)} ${args.map((arg) => path.basename(arg)).join(' ')}`);
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.error) console.error(result.error.message);
  return result.status === 0;
}

function runTests() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-test-'));
  const file = path.join(folder, 'results.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  try {
    const ok = runs(bin('vitest'), ['run', ...reporters, ...process.argv.slice(2)]);
    const failedBefore = tally.failed;
    addResults(JSON.parse(readFileSync(file, 'utf8')));
    // Vitest also fails on what belongs to no test: an unhandled rejection, say.
    if (!ok && tally.failed === failedBefore) count('vitest ended with an error', false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function addResults({ testResults }) {
  for (const suite of testResults) {
    const name = path.relative(root, suite.name);
    if (suite.assertionResults.length === 0) count(`${name}: no test could run`, false);
    for (const test of suite.assertionResults) addResult(`${name}: ${test.fullName}`, test.status);
    const isBroken = suite.status === 'failed';
    const hasFailure = suite.assertionResults.some((test) => test.status === 'failed');
    if (isBroken && !hasFailure && suite.assertionResults.length > 0) {
      count(`${name}: ${suite.message || 'failed outside of a test'}`, false);
    }
  }
}

function addResult(name, status) {
  if (status === 'passed') {
    tally.passed++;
  } else if (status === 'failed') {
    tally.failed++;
    failures.push(name);
  } else if (inCi) {
    count(`${name} (${status}; with CI set nothing may be skipped)`, false);
  } else {
    console.log(`not run: ${name}`);
  }
}
