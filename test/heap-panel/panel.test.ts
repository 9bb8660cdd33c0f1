// The heap panel as a person uses it: steps, keys, the target switch, messages with VS Code, a saved
// state, accessibility in every theme, and no sideways scrolling beside an editor.
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alloc, free, FREE, MEM, pathOf, threadState } from '../replay/path-builder.ts';
import {
  type Bundle,
  bundle,
  launch,
  needsChromium,
  openExport,
  openWebview,
  pathNamed,
  THEME_NAMES,
} from './panel-browser.ts';
import { expectText, violations } from './panel-reading.ts';

const WIDE = { width: 1200, colorScheme: 'dark' } as const;

needsChromium().describe('heap panel', () => {
  let browser: Browser;
  let parts: Bundle;

  beforeAll(async () => {
    [browser, parts] = await Promise.all([launch(), bundle()]);
  });

  afterAll(() => browser?.close());

  const exported = (name: string, view: Parameters<typeof openExport>[2]['view'] = WIDE) =>
    openExport(browser, parts, { path: pathNamed(name), view });

  const onRelease = async (name: string): Promise<Page> => {
    const { page } = await exported(name);
    await page.getByRole('radio', { name: /^Release/ }).check({ force: true });
    await page.evaluate(() => document.querySelector<HTMLElement>(':focus')?.blur());
    return page;
  };

  test('opens where the damage shows, under a policy that allows no inline code', async () => {
    const { page, complaints } = await exported('pymem-malloc-free-small');
    await expectText(page, '.crash', /SIMULATED SIGABRT: no process was run/);
    await expectText(page, '.crash pre', /^double free or corruption \(out\)\n$/);
    await expectText(page, '.verdict', /Crash/);
    await expectText(page, '.simulated', /^SIMULATED: CPython 3.11, release build, glibc 2.36/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a memory checker is asked by keys alone, for the target that is shown', async () => {
    const page = await onRelease('pymem-malloc-free-small');
    await page.locator('.tools summary').focus();
    await page.keyboard.press('Enter');
    await expectText(
      page,
      '.tools .label',
      /^SIMULATED: AddressSanitizer on CPython 3.11, release/,
    );
    await expectText(page, '.tools pre', /AddressSanitizer: attempting free on address/);
    const position = await page.locator('.position').textContent();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await expectText(page, '.tools pre', /Invalid free\(\) \/ delete/);
    expect(await page.locator('.position').textContent()).toBe(position);
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  test('moves by keys, buttons, the scrubber and a click on a step', async () => {
    const page = await onRelease('gc-new-object-del');
    const at = (): Promise<string | null> => page.locator('.position').textContent();
    expect(await at()).toBe('13 / 13');
    await page.keyboard.press('Home');
    expect(await at()).toBe('0 / 13');
    await page.keyboard.press('ArrowLeft');
    expect(await at()).toBe('0 / 13');
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowRight');
    expect(await at()).toBe('2 / 13');
    await page.keyboard.press('k');
    expect(await at()).toBe('1 / 13');
    await page.keyboard.press('End');
    expect(await at()).toBe('13 / 13');
    await page.getByRole('button', { name: 'Previous step' }).click();
    expect(await at()).toBe('12 / 13');
    await page.getByRole('slider', { name: 'Step' }).fill('6');
    expect(await at()).toBe('6 / 13');
    await page.locator('.step button').nth(5).click();
    expect(await at()).toBe('5 / 13');
    await expectText(page, '[aria-live=polite]', /^Step 5 of 13\. PyObject_Del\(node\): 0x/);
    expect(await page.locator('[aria-current=step] .number').textContent()).toBe('5');
    await page.close();
  });

  test('the scrubber keeps its own keys', async () => {
    const page = await onRelease('gc-new-object-del');
    await page.getByRole('slider', { name: 'Step' }).focus();
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('.position').textContent()).toBe('12 / 13');
    await page.keyboard.press('Home');
    expect(await page.locator('.position').textContent()).toBe('0 / 13');
    await page.close();
  });

  test('replays at once when the target changes', async () => {
    const { page } = await exported('malloc-pymem-free');
    await page.getByRole('radio', { name: /^Release/ }).check({ force: true });
    await expectText(page, '.verdict', /Silent/);
    expect(await page.locator('.crash').count()).toBe(0);
    await page.getByRole('radio', { name: /^Debug/ }).check({ force: true });
    await expectText(page, '.crash pre', /bad ID: Allocated using API '1', verified using API 'm'/);
    await expectText(page, '.simulated', /PYTHONMALLOC=debug/);
    await page.close();
  });

  test('replays on any version of Python and of the C library, and with larger blocks', async () => {
    const { page, complaints } = await exported('pymem-malloc-free-small');
    await page.getByRole('radio', { name: 'malloc', exact: true }).check({ force: true });
    await expectText(page, '.simulated', /PYTHONMALLOC=malloc, glibc 2.36/);
    await expectText(page, '.verdict', /Silent|Clean/);
    await page.getByRole('radio', { name: /^Release/ }).check({ force: true });
    await page.getByLabel('Version of Python').selectOption('Python 3.8');
    await page.getByLabel('C library').selectOption('glibc 2.31');
    await expectText(page, '.simulated', /^SIMULATED: CPython 3.8, release build, glibc 2.31/);
    await expectText(page, '.verdict', /Crash/);
    expect(await page.getByLabel('Size of blocks').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();

    const open = await exported('malloc-pymem-free');
    await expectText(open.page, '.heap', /32 bytes from malloc/);
    await open.page.getByLabel('Size of blocks').selectOption('open sizes: 200,000 bytes');
    await expectText(open.page, '.heap', /200000 bytes from malloc/);
    expect(open.complaints).toEqual([]);
    await open.page.close();
  });

  test('opens on the build that shows it, and says how it ends on the others', async () => {
    const { page } = await exported('malloc-pymem-free');
    await expectText(page, '.crash pre', /bad ID: Allocated using API '1', verified using API 'm'/);
    const rows = await page.locator('.verdicts tbody tr').allTextContents();
    expect(rows[0]).toMatch(/^release build, PYTHONMALLOC=malloc.*harmless/);
    expect(rows.slice(1, -1).every((row) => /^PYTHONMALLOC=debug.*dies here/.test(row))).toBe(true);
    expect(rows.at(-1)).toMatch(/^CPython 3\.13t and 3\.14t .*by rule, not replayed.*SIGSEGV/);
    await expectText(page, '.verdicts .why', /shows best: on PYTHONMALLOC=debug it dies/);
    await page.close();
  });

  test('crash, map and bytes are in sight beside an editor', async () => {
    const { page } = await exported('malloc-pymem-free', { width: 620, colorScheme: 'dark' });
    await page.getByRole('radio', { name: /^Debug/ }).check({ force: true });
    await expectText(page, '.crash pre', /bad ID/);
    for (const part of ['.verdict', '.crash', '[aria-current=step]', '.map .cells', '.dump']) {
      const box = await page.locator(part).first().boundingBox();
      expect(box && box.y + box.height, part).toBeLessThanOrEqual(900);
    }
    await page.close();
  });

  test('shows no comments of the source, and whole addresses', async () => {
    const { page } = await exported('gc-new-object-del', { width: 620, colorScheme: 'dark' });
    for (const code of await page.locator('.step code').allTextContents())
      expect(code).not.toMatch(/\/\*|\/\//);
    const clipped = await page.locator('.blocks .scroll').evaluate((element) => {
      return element.scrollWidth - element.clientWidth;
    });
    expect(clipped).toBe(0);
    await page.close();
  });

  test('shows the bytes of the block that is chosen in the map', async () => {
    const page = await onRelease('gc-new-object-del');
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: /^x .* live in the program/ }).click();
    await expectText(page, '.hex h4', /^x PyObject_GC_New neighbor before: 32 bytes/);
    await page.getByRole('button', { name: 'ob_refcnt' }).first().hover();
    expect(await page.locator('.byte.lit').count()).toBe(8);
    await page.keyboard.press('End');
    await page.getByText('The map as a table').click();
    await expectText(page, '.map-table', /shared by .* all live/);
    await page.close();
  });

  test('a step that is about no block shows the latest of the path, never a neighbor', async () => {
    const path = pathOf(
      alloc('p', MEM, 24),
      threadState(true),
      alloc('q', MEM, 24),
      free('q', FREE),
    );
    const { page } = await openExport(browser, parts, { path, view: WIDE });
    await page.getByRole('slider', { name: 'Step' }).fill('2');
    await expectText(page, '.hex h4', /^A p/);
    await page.close();
  });

  test('says what is wrong with a path it cannot replay', async () => {
    const { page, complaints } = await openExport(browser, parts, {
      path: { ...pathNamed('repaired'), steps: [], fault: 0 },
      view: WIDE,
    });
    await expectText(page, '[role=alert]', /its fault must be the index of one of its 0 steps/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('the page by itself saves a picture of the heap', async () => {
    const { page, complaints } = await exported('malloc-pymem-free');
    expect(await page.getByRole('button', { name: 'Save as HTML' }).count()).toBe(0);
    await page.keyboard.press('Home');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as SVG' }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toBe('mismatched-free-names-88-step-0.svg');
    expect(readFileSync(await saved.path(), 'utf8')).toContain('Heap after step 0 of 7');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.each(['light', 'dark'] as const)(
    'has no accessibility violation, plain %s',
    async (scheme) => {
      for (const name of ['gc-new-object-del', 'double-free', 'pymem-malloc-free-large']) {
        const { page } = await exported(name, { width: 1200, colorScheme: scheme });
        await openTables(page);
        expect(await violations(page)).toEqual([]);
        await page.close();
      }
    },
  );

  test.each(THEME_NAMES)('has no accessibility violation, %s', async (theme) => {
    const path = pathNamed('gc-new-object-del');
    const state = { path, title: 'node is released' };
    const { page } = await openWebview(browser, parts, { theme, state, view: WIDE });
    await openTables(page);
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  test.each([320, 600, 900])('fits a width of %i pixels', async (width) => {
    for (const name of ['gc-new-object-del', 'pymem-malloc-free-large', 'malloc-pymem-free']) {
      const { page } = await exported(name, { width, colorScheme: 'light' });
      await page.getByRole('radio', { name: /^Debug/ }).check({ force: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, name).toBeLessThanOrEqual(width);
      await page.close();
    }
  });
});

async function openTables(page: Page): Promise<void> {
  for (const summary of await page.locator('summary').all()) await summary.click();
}
