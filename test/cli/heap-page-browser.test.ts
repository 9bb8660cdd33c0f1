// The page of `replay --html` in a real browser: under its own policy the panel runs, shows the crash and
// says that it is simulated. Needs chromium and the built panel.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatHtml } from '../../server/cli/formats/html.ts';
import { readBundles, readPanel } from '../../server/cli/page-bundles.ts';
import { PLAIN } from '../../server/cli/terminal.ts';
import { heapPage } from '../../simulator/heap-page.ts';
import { DEBUG } from '../../simulator/target.ts';
import { launch, needsChromium, newPage } from '../heap-panel/panel-browser.ts';
import { buildCli, ROOT } from './built-cli.ts';
import { FINDING, reportOf } from './sample-report.ts';

const WIDE = { width: 1200, colorScheme: 'dark' } as const;

needsChromium().describe('in a browser', () => {
  let browser: Browser;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-page-'));

  beforeAll(async () => {
    buildCli();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the panel draws the replay where it was left, and nothing breaks the policy', async () => {
    const file = path.join(folder, 'crash.html');
    const target = { ...DEBUG, python: '3.13' } as const;
    const title = "'buf' </title> is released";
    const opened = { path: FINDING.flaggedPath, title, target, frame: 1 };
    const page = heapPage(opened, readPanel(path.join(ROOT, 'dist')));
    writeFileSync(file, page);

    const { page: tab, complaints: problems } = await newPage(browser, WIDE);
    tab.on('request', (request) => {
      if (!request.url().startsWith('file:')) problems.push(`asks for ${request.url()}`);
    });
    await tab.goto(pathToFileURL(file).href);
    await tab.getByText('PyMem_Malloc').first().waitFor();

    expect(problems).toEqual([]);
    expect(await tab.title()).toBe(`Simulated crash: ${title}`);
    expect(await tab.locator('h1').textContent()).toBe(title);
    expect(await tab.locator('.simulated').textContent()).toMatch(
      /^SIMULATED: CPython 3\.13, PYTHONMALLOC=debug/,
    );
    expect(await tab.locator('.position').textContent()).toMatch(/^1 \//);
  });

  test('the page of all findings: n and p go through them, j and k through the steps of each', async () => {
    const file = path.join(folder, 'findings.html');
    const second = { ...FINDING, message: "'other' is released by free" };
    const remark = {
      ...FINDING,
      message: 'unused suppression',
      flaggedPath: { ...FINDING.flaggedPath, steps: [] },
    };
    const options = {
      colors: PLAIN,
      isQuiet: false,
      withVerdict: false,
      columns: null,
      page: () => readBundles(path.join(ROOT, 'dist')),
    };
    writeFileSync(file, formatHtml(reportOf(FINDING, second, remark), options));
    const { page: tab, complaints: problems } = await newPage(browser, WIDE);
    await tab.goto(pathToFileURL(file).href);
    const heading = tab.locator('.panel h1');
    const current = tab.locator('.findings a[aria-current]');
    await heading.filter({ hasText: FINDING.message }).waitFor();
    expect(await current.textContent()).toContain(FINDING.message);
    await tab.keyboard.press('n');
    await heading.filter({ hasText: second.message }).waitFor();
    expect(await tab.locator('.finding:visible').count()).toBe(1);
    const counter = tab.locator('.controls');
    const before = await counter.textContent();
    await tab.keyboard.press('k');
    await expect.poll(() => counter.textContent()).not.toBe(before);
    await tab.keyboard.press('n');
    await tab.locator('#heap-panel').waitFor({ state: 'hidden' });
    await tab.keyboard.press('p');
    await heading.filter({ hasText: second.message }).waitFor();
    expect(problems).toEqual([]);
    await tab.close();
  });
});
