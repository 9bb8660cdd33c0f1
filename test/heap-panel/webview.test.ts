// The heap panel and VS Code: what crosses between them, in a page that plays the webview.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEBUG, RELEASE } from '../../simulator/target.ts';
import {
  type Bundle,
  bundle,
  launch,
  needsChromium,
  openWebview,
  pathNamed,
} from './panel-browser.ts';
import { expectText, posted, send, violations } from './panel-reading.ts';

const WIDE = { width: 1200, colorScheme: 'dark' } as const;

needsChromium().describe('heap panel in VS Code', () => {
  let browser: Browser;
  let parts: Bundle;

  beforeAll(async () => {
    [browser, parts] = await Promise.all([launch(), bundle()]);
  });
  afterAll(() => browser?.close());

  test('opens on the Python that it is told, where that is one of the model', async () => {
    for (const [python, shown] of [
      ['3.12', 'CPython 3.12'],
      ['2.7', 'CPython 3.11'],
    ]) {
      const state = { path: pathNamed('malloc-pymem-free'), title: 'copy is released', python };
      const { page } = await openWebview(browser, parts, {
        theme: 'vscode-dark',
        state,
        view: WIDE,
      });
      await expectText(page, '.simulated', new RegExp(`^SIMULATED: ${shown}, PYTHONMALLOC=debug`));
      await page.close();
    }
  });

  test('talks to VS Code: ready, show, where the reader went, copy, saved state', async () => {
    const { page, complaints } = await openWebview(browser, parts, {
      theme: 'vscode-dark',
      state: null,
      view: WIDE,
    });
    await expectText(page, '.message', /Show Simulated Crash/);
    expect(await posted(page)).toEqual([{ type: 'ready' }]);
    const path = pathNamed('malloc-pymem-free');
    await send(page, { type: 'show', path, title: 'copy is released' });
    await expectText(page, 'h1', /^copy is released$/);
    await page.getByRole('radio', { name: /^Release/ }).check({ force: true });
    await page.locator('.step button').nth(2).click();
    const second = {
      type: 'went',
      at: path.steps[1]?.at,
      place: { target: RELEASE, frame: 2 },
    };
    expect((await posted(page)).at(-1)).toEqual(second);
    await page.getByRole('radio', { name: /^Debug/ }).check({ force: true });
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    const outcome = (await posted(page)).at(-2);
    const at = path.steps[path.fault]?.at;
    expect(outcome).toEqual({ type: 'went', at, place: { target: DEBUG, frame: 7 } });
    const copied = JSON.stringify((await posted(page)).at(-1));
    expect(copied).toMatch(/\[SIMULATED: CPython 3\.11, PYTHONMALLOC=debug.*bad ID/);
    await page.getByRole('button', { name: 'Copy as Markdown' }).click();
    expect(JSON.stringify((await posted(page)).at(-1))).toMatch(/### copy is released.*flagged/);
    const saved = (): Promise<unknown> => page.evaluate(() => window.savedState());
    const left = { title: 'copy is released', target: DEBUG, frame: 7 };
    await expect.poll(saved).toMatchObject(left);
    const state = await saved();
    await page.close();

    const again = await openWebview(browser, parts, { theme: 'vscode-dark', state, view: WIDE });
    await expectText(again.page, 'h1', /^copy is released$/);
    await expectText(again.page, '.position', /^7 \/ 7$/);
    expect([...complaints, ...again.complaints]).toEqual([]);
    await again.page.close();
  });

  test('gives VS Code the shown replay and its picture, for a button and when it asks', async () => {
    const path = pathNamed('malloc-pymem-free');
    const fixed = [{ title: 'Release with free', path: pathNamed('repaired') }];
    const state = { path, title: 'copy is released', fixed, target: DEBUG };
    const options = { theme: 'vscode-dark', state, view: WIDE } as const;
    const { page } = await openWebview(browser, parts, options);
    await page.locator('.step button').nth(2).click();
    await page.getByRole('button', { name: 'Save as HTML' }).press('Enter');
    const shown = { path, title: 'copy is released', fixed, target: DEBUG, frame: 2, fix: null };
    const replay = expect.objectContaining(shown);
    expect((await posted(page)).at(-1)).toMatchObject({ type: 'save', form: 'html', replay });
    await page.getByLabel('Version of Python').selectOption('Python 3.9');
    await page.getByRole('radio', { name: /^Release with free/ }).check({ force: true });
    for (const form of ['svg', 'html']) {
      const before = (await posted(page)).length;
      await send(page, { type: 'save', form });
      await expect.poll(async () => (await posted(page)).length).toBe(before + 1);
      expect((await posted(page)).at(-1)).toMatchObject({
        type: 'save',
        form,
        replay: { target: { ...DEBUG, python: '3.9' }, fix: 0 },
        picture: expect.stringMatching(
          /<svg [^]*copy is released; with the fix: Release with free[^]*CPython 3\.9, PYTHONMALLOC=debug/,
        ),
      });
    }
    await page.close();
  });

  test('shows how it ends before and after a fix, and replays either', async () => {
    const path = pathNamed('malloc-pymem-free');
    const fixed = [
      { title: 'Release with free', path: pathNamed('repaired') },
      { title: 'A fix that cannot be replayed', path: { version: 1 } },
    ];
    const state = { path, title: 'copy is released', fixed, target: DEBUG };
    const options = { theme: 'vscode-dark', state, view: WIDE } as const;
    const { page, complaints } = await openWebview(browser, parts, options);
    const choices = page.locator('.fixes label');
    expect(await choices.allInnerTexts()).toEqual([
      expect.stringMatching(/As it is\s*✕ Crash/),
      expect.stringMatching(/Release with free\s*✓ Clean/),
    ]);
    await page.getByRole('radio', { name: /^Release with free/ }).check({ force: true });
    await expectText(page, '.verdict strong', /Clean/);
    expect((await posted(page)).at(-1)).toMatchObject({ type: 'went', place: null });
    await expect.poll(() => page.evaluate(() => window.savedState())).toMatchObject({ fix: 0 });
    expect(await violations(page)).toEqual([]);
    await page.getByRole('radio', { name: /^As it is/ }).check({ force: true });
    await expectText(page, '.verdict strong', /Crash/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('goes where another view of the replay is, and does not answer', async () => {
    const state = { path: pathNamed('malloc-pymem-free'), title: 'copy is released' };
    const options = { theme: 'vscode-dark', state, view: WIDE } as const;
    const { page, complaints } = await openWebview(browser, parts, options);
    await expectText(page, 'h1', /^copy is released$/);
    const before = await posted(page);
    for (const [target, frame] of [
      [RELEASE, 1],
      [DEBUG, 3],
      [RELEASE, 2],
    ] as const) {
      await send(page, { type: 'go', target, frame });
      await expectText(page, '.position', new RegExp(`^${frame} / `));
      const build = target.build === 'debug' ? /^Debug/ : /^Release/;
      expect(await page.getByRole('radio', { name: build }).isChecked()).toBe(true);
    }
    expect(await posted(page)).toEqual(before);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('goes to the step at the cursor, as long as it shows the code as it is', async () => {
    const fixed = [{ title: 'Release with free', path: pathNamed('repaired') }];
    const state = { path: pathNamed('malloc-pymem-free'), title: 'copy is released', fixed };
    const options = { theme: 'vscode-dark', state, view: WIDE } as const;
    const { page } = await openWebview(browser, parts, options);
    const before = (await posted(page)).length;
    const cursorAt = (...steps: readonly number[]): Promise<void> =>
      send(page, { type: 'cursor', steps });
    await expectText(page, '.position', /^7 /);
    await cursorAt(1);
    await expectText(page, '.position', /^2 /);
    await cursorAt(0, 1);
    await page.keyboard.press('j');
    await expectText(page, '.position', /^3 /);
    await cursorAt(0, 5);
    await expectText(page, '.position', /^1 /);
    expect((await posted(page)).length).toBe(before + 1); // by the key
    await page.getByRole('radio', { name: /^Release with free/ }).check({ force: true });
    const shown = await page.locator('.position').textContent();
    await cursorAt(1);
    await cursorAt(0);
    expect(await page.locator('.position').textContent()).toBe(shown);
    await page.close();
  });
});
