// What `npm start` shows on a fresh clone: installs, builds, lints the example extension, replays its
// first finding, and says how to go on. Built-in modules only.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { installPackages, root } from './install.mjs';

const CLI = path.join(root, 'dist', 'cli.cjs');
const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

try {
  installPackages();
  run([path.join(root, 'scripts', 'build.mjs')], [0]);
  const finding = firstFinding();
  title('The findings in examples/');
  run([CLI, 'check', 'examples'], [1]);
  title(`The first one, replayed on the simulated heap (${finding.rule})`);
  run([CLI, 'replay', `${finding.file}:${finding.line}`], [0, 1]);
  title('Next');
  console.log(nextSteps(finding));
} catch (error) {
  console.error(`start: ${error.message}`);
  process.exitCode = 1;
}

/** Runs a script with the terminal's own output. Throws on another exit code than the expected. */
function run(args, expected) {
  const result = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.error) throw result.error;
  if (!expected.includes(result.status)) {
    const command = path.relative(root, args[0]);
    throw new Error(
      `${command} ${args.slice(1).join(' ')} ended with ${result.status ?? result.signal}`,
    );
  }
}

function firstFinding() {
  const result = spawnSync(process.execPath, [CLI, 'check', 'examples', '--format', 'json', '-q'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (result.error) throw result.error;
  if (result.status !== 1) {
    throw new Error(`no findings in examples/, which has planted defects\n${result.stderr}`);
  }
  return JSON.parse(result.stdout).findings[0];
}

function title(text) {
  console.log(`\n${'='.repeat(text.length)}\n${text}\n${'='.repeat(text.length)}\n`);
}

function nextSteps(finding) {
  return `Lint your own extension:
  node ${path.relative(process.cwd(), CLI) || CLI} check path/to/your/sources

Step through a crash in a browser:
  node dist/cli.cjs replay ${finding.file}:${finding.line} --html crash.html

In VS Code:
  npm run package
  code --install-extension ${name}-${version}.vsix
  then open a C file that includes Python.h

Why a finding is a defect, and what to write instead:
  node dist/cli.cjs rule ${finding.rule}`;
}
