// The extension as other code in VS Code sees it: activation, commands, diagnostics, through VS Code's own mode for extension
// tests. The cases are suite.ts, which runs over there; what a person sees is the tour's.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import esbuild from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VSCode } from '../driver.ts';
import { install, needsVSCode } from '../installation.ts';
import { checkout, packageExtension } from '../package.ts';
import type { Outcome } from './suite.ts';

needsVSCode().describe('in the extension host', () => {
  let root: string;
  let workspace: string;
  let results: string;
  let vscode: VSCode;

  beforeAll(async () => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'pl-'));
    workspace = path.join(root, 'workspace');
    results = path.join(root, 'results.json');
    fs.cpSync(path.join(checkout, 'examples'), workspace, { recursive: true });
    const vsix = packageExtension(root);
    vscode = await VSCode.launch({
      installation: install(),
      root,
      vsix: [vsix],
      results: path.join(checkout, 'test-results/vscode'),
      // A built VS Code runs extension tests only when told that it is being tested.
      flags: ['--vscode-option', 'enable-smoke-test-driver'],
      env: {
        PYMEM_LINT_SUITE_RESULTS: results,
        PYMEM_LINT_SUITE_EXPECTED: JSON.stringify(findingsOfTheCommandLine()),
      },
    });
  }, 900_000);

  afterAll(async () => {
    await vscode?.close();
    fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  test('every case of suite.ts passes', async () => {
    const outcomes = await runSuite();
    expect(outcomes.filter(({ error }) => error !== null)).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(0);
  });

  async function runSuite(): Promise<readonly Outcome[]> {
    const suite = path.join(root, 'suite.cjs');
    await esbuild.build({
      entryPoints: [path.join(import.meta.dirname, 'suite.ts')],
      outfile: suite,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['vscode'],
    });
    // Extension tests need an extension under development; the one under test is installed instead.
    const companion = path.join(root, 'companion');
    fs.mkdirSync(companion);
    fs.writeFileSync(
      path.join(companion, 'package.json'),
      '{"name":"companion","publisher":"test","version":"1.0.0","engines":{"vscode":"*"}}',
    );
    const ended = new Promise<void>((resolve, reject) => {
      vscode.page.exposeFunction('codeAutomationLog', () => undefined).catch(reject);
      vscode.page.exposeFunction('codeAutomationExit', () => resolve()).catch(reject);
    });
    await vscode.page.goto(
      vscode.address(workspace, [
        ['extensionDevelopmentPath', vscode.uri(companion)],
        ['extensionTestsPath', vscode.uri(suite)],
      ]),
    );
    await ended;
    if (!fs.existsSync(results)) {
      await vscode.keepEvidence('extension-host');
      throw new Error('the suite ended without results; see test-results/vscode');
    }
    return JSON.parse(fs.readFileSync(results, 'utf8'));
  }

  /** Lines, from 1, by file. */
  function findingsOfTheCommandLine(): Readonly<Record<string, readonly number[]>> {
    const cli = path.join(root, 'checkout/dist/cli.cjs');
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: path.join(root, 'checkout') });
    let output: string;
    try {
      output = execFileSync(process.execPath, [cli, 'check', '--format', 'json', workspace], {
        encoding: 'utf8',
      });
    } catch (error) {
      // Exit code 1: there are findings.
      if (!(error instanceof Error && 'status' in error && error.status === 1 && 'stdout' in error))
        throw error;
      output = String(error.stdout);
    }
    const { findings }: CheckOutput = JSON.parse(output);
    const lines: Record<string, number[]> = {};
    for (const { file, line } of findings) (lines[path.resolve(workspace, file)] ??= []).push(line);
    return lines;
  }
});

interface CheckOutput {
  readonly findings: readonly { readonly file: string; readonly line: number }[];
}
