// The page of `replay --html` in a real browser: under its own policy the panel runs, shows the crash and
// says that it is simulated. Needs chromium and the built panel.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heapPage } from '../../server/cli/heap-page.ts';
import { buildCli, ROOT } from './built-cli.ts';
import { FINDING } from './sample-report.ts';

const browserPath = findChromium();

function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const files = folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
  return [...(named === undefined ? [] : [named]), ...files].find((file) => existsSync(file));
}

function bundle(name: string): string {
  return readFileSync(path.join(ROOT, 'dist', name), 'utf8');
}

describe.skipIf(browserPath === undefined)('in a browser (needs chromium)', () => {
  let browser: Browser;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-page-'));

  beforeAll(async () => {
    buildCli();
    browser = await chromium.launch({
      executablePath: browserPath ?? '',
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the panel draws the crash and nothing breaks the policy', async () => {
    const file = path.join(folder, 'crash.html');
    const page = heapPage({
      title: "Simulated crash: 'buf' </title>",
      path: FINDING.flaggedPath,
      script: bundle('heap-panel.js'),
      style: bundle('heap-panel.css'),
    });
    writeFileSync(file, page);

    const tab = await browser.newPage();
    const problems: string[] = [];
    tab.on('pageerror', (error) => problems.push(error.message));
    tab.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    tab.on('request', (request) => {
      if (!request.url().startsWith('file:')) problems.push(`asks for ${request.url()}`);
    });
    await tab.goto(pathToFileURL(file).href);
    await tab.getByText('PyMem_Malloc').first().waitFor();

    expect(problems).toEqual([]);
    expect(await tab.title()).toBe("Simulated crash: 'buf' </title>");
    expect((await tab.innerText('body')).toLowerCase()).toContain('simulated');
  });
});
