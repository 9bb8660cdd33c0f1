// The product as a person meets it: the packaged .vsix in a real VS Code, on a copy of the example. One window, one story:
// each test goes on where the one before it ended. Screenshots go to test-results/vscode; heap-panel.png among them is the
// README's picture, docs/images/heap-panel.png, copied there by hand when the panel has changed.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needsPythonHeaders } from '../check/compiler.ts';
import { VSCode } from './driver.ts';
import { HeapPanelPage } from './heap-panel-page.ts';
import { install, needsVSCode } from './installation.ts';
import { killProcess } from './kill-process.ts';
import { checkout, packageExtension } from './package.ts';
import { addPythonExtension } from './python-extension.ts';
import { tellOneStory } from './story.ts';
import { expectSaved } from './saved-replay.ts';

const EXAMPLE = 'wordbag/defective/wordbag.c';
const SECOND = `#include <Python.h>

void second(void)
{
    void *block = PyMem_RawMalloc(8);
    PyMem_Free(block);
}
`;

needsVSCode().describe('a tour', () => {
  let root: string;
  let workspace: string;
  let vscode: VSCode;
  let panel: HeapPanelPage;
  let lines: readonly string[];

  beforeAll(async () => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'pl-'));
    workspace = path.join(root, 'workspace');
    fs.cpSync(path.join(checkout, 'examples'), workspace, { recursive: true });
    fs.writeFileSync(path.join(workspace, 'second.c'), SECOND);
    lines = fs.readFileSync(path.join(workspace, EXAMPLE), 'utf8').split('\n');
    addPythonExtension(root, path.join(root, 'chosen'));
    vscode = await VSCode.launch({
      installation: install(),
      root,
      vsix: [packageExtension(root)],
      results: path.join(checkout, 'test-results/vscode'),
      // Rows of text instead of a canvas.
      settings: { 'terminal.integrated.gpuAcceleration': 'off' },
    });
  }, 900_000);

  tellOneStory(() => vscode);

  afterAll(async () => {
    await vscode?.close();
    fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  /** The number, from 1, of the only line with this text. */
  function lineOf(text: string): number {
    const found = lines.flatMap((line, index) => (line.includes(text) ? [index + 1] : []));
    if (found.length !== 1) throw new Error(`${found.length} lines of ${EXAMPLE} have ${text}`);
    return found[0] ?? 0;
  }

  test('squiggles and problems come up with the file, and only where a defect is', async () => {
    await vscode.open(workspace, EXAMPLE);
    await vscode.page.keyboard.press('Control+Shift+M');
    await vscode.problems('free').first().waitFor({ timeout: 60_000 });
    await vscode.goTo(lineOf('free(text); /*'));
    await vscode.squiggles().first().waitFor();
    await vscode.screenshot('1-problems');

    await vscode.showProblemsTable();
    const reported = await problemLines();
    // A macro is reported where it is used, and a block that changed families where it is released.
    const marks = ['DEFECT', 'SCRATCH_FREE(line)', 'PyMem_Free(starts)'];
    const marked = lines.flatMap((line, index) =>
      marks.some((mark) => line.includes(mark)) ? [index + 1] : [],
    );
    expect(reported.filter((line) => !marked.includes(line))).toEqual([]);
    const certain = [
      'PyMem_Free(merged)',
      'free(text); /*',
      'PyMem_RawFree(wide)',
      'free(copy); /* DEFECT: copy',
    ];
    expect(reported).toEqual(expect.arrayContaining(certain.map(lineOf)));
  });

  test('a defect is reported as it is typed, and goes when it is undone', async () => {
    const before = (await problemLines()).length;
    await typeDefect();
    await vscode.screenshot('2-typed');
    await vscode.undoAll('wordbag.c');
    await expect.poll(problemLines).toHaveLength(before);
  });

  test('a server that is killed is followed by another, and that is said once', async () => {
    const before = (await problemLines()).length;
    killProcess(root, 'dist/server.cjs');
    await vscode.status('PyMem Lint: the server ended, starting another').waitFor();
    expect(await vscode.status('PyMem Lint').count()).toBe(1);
    await typeDefect();
    await vscode.undoAll('wordbag.c');
    await expect.poll(problemLines).toHaveLength(before);
  });

  test('a hover explains the finding and links to its simulated crash', async () => {
    await vscode.goTo(lineOf('free(text); /*'));
    const hover = await vscode.hover(vscode.squiggles().first(), 'Show Simulated Crash');
    await vscode.screenshot('3-hover', 'stays');
    const said = (await hover.innerText()).split('\n').filter((line) => line.trim() !== '');
    expect(said).toEqual([...new Set(said)]);
    expect(said.join('\n')).toMatch(/Simulated on[^]*release build[^]*the PyMem domain/);
    // The page came with the extension.
    await hover.getByText('About api-result-mismatch').click();
    await expect.poll(() => vscode.markdown()).toMatch(/api-result-mismatch[^]*Why[^]*Instead/);
    await vscode.command('View: Close Editor');
    await vscode.line('free(text); /*').waitFor();
  });

  test('a quick fix makes the finding go', async () => {
    const line = lineOf('free(text); /*');
    await vscode.goTo(line, 6);
    const choices = await vscode.codeActions();
    await vscode.screenshot('4-quick-fix');
    await choices.filter({ hasText: 'PyMem_Free' }).first().click();
    await vscode.line(/PyMem_Free\(text\)/).waitFor();
    await expect.poll(problemLines).not.toContain(line);
    await vscode.undoAll('wordbag.c');
    await expect.poll(problemLines).toContain(line);
  });

  test('Lint Workspace reports files that nobody opened, and none of the repaired ones', async () => {
    await vscode.command('PyMem Lint: Lint Workspace');
    await vscode.problems('second.c').first().waitFor();
    await vscode.screenshot('5-lint-workspace');
    expect(await vscode.problems('repaired').count()).toBe(0);
    expect(await vscode.toasts().count()).toBe(0);
    await vscode.status(/PyMem Lint: \d+ findings in 3 files/).waitFor();
  });

  test('a code lens opens the path of a finding, and keys walk it', async () => {
    await vscode.page.keyboard.press('Control+J'); // the Problems view
    await vscode.openFile(EXAMPLE);
    await vscode.goTo(lineOf('wordbag_fold(PyObject'));
    await vscode.clickCodeLens('Show Finding Path', 'wordbag_fold(');
    const rows = vscode.page.locator('.pane-body .monaco-list-row', { hasText: /^\d+\. / });
    const current = rows.and(vscode.page.locator('.selected'));
    await rows.filter({ hasText: 'is released by free' }).waitFor();
    const steps = await rows.count();
    await expect.poll(() => current.innerText()).toMatch(/^1\. 'text' is allocated/);
    for (let step = 2; step <= steps; step++) {
      await vscode.page.keyboard.press('Shift+Alt+N');
      await expect.poll(() => current.innerText()).toContain(`${step}. `);
    }
    await vscode.status(`Ln ${lineOf('free(text); /*')}, Col 5`).waitFor();
    await vscode.screenshot('6-finding-path');
    await vscode.page.keyboard.press('Shift+Alt+P');
    await expect.poll(() => current.innerText()).toContain(`${steps - 1}. `);
    await vscode.command('PyMem Lint: Close Finding Path');
    await vscode.page.getByText('No path is open.').waitFor();
    await vscode.command('View: Show Explorer');
  });

  test('a code lens opens the simulated crash beside the source', async () => {
    await vscode.goTo(lineOf('wordbag_fold(PyObject'));
    await vscode.clickCodeLens('Show Simulated Crash', 'wordbag_fold(');
    panel = new HeapPanelPage(vscode.webview());
    await panel
      .title()
      .filter({ hasText: `'text' from the "es" unit is released by free` })
      .waitFor();
    await panel.crash().filter({ hasText: 'SIMULATED SIGABRT' }).waitFor();
    expect(await panel.crash().innerText()).toMatch(/free\(\)|munmap_chunk\(\)|corruption/);
    const ends = vscode.webview().locator('.fixes label');
    expect(await ends.allInnerTexts()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^As it is\s*✕ Crash/),
        expect.stringMatching(/PyMem_Free\s*✓ Clean/),
      ]),
    );
    await vscode.screenshot('6-heap-panel');
  });

  test('keys and buttons go through the steps', async () => {
    const { keyboard } = vscode.page;
    const [shown, last] = await panel.steps();
    expect(last).toBeGreaterThanOrEqual(2);
    await keyboard.press('Home');
    await expect.poll(() => panel.steps()).toEqual([0, last]);
    await keyboard.press('ArrowRight');
    await expect.poll(() => panel.steps()).toEqual([1, last]);
    await panel.map().waitFor();
    await keyboard.press('j');
    await expect.poll(() => panel.steps()).toEqual([2, last]);
    await keyboard.press('k');
    await keyboard.press('ArrowLeft');
    await expect.poll(() => panel.steps()).toEqual([0, last]);
    await panel.button('Next step').click();
    await expect.poll(() => panel.steps()).toEqual([1, last]);
    await vscode.screenshot('7-first-step');
    await panel.button('Last step').click();
    await expect.poll(() => panel.steps()).toEqual([last, last]);
    await panel.button('Previous step').click();
    await expect.poll(() => panel.steps()).toEqual([last - 1, last]);
    await panel.button(`Show step ${shown}`).click();
    await expect.poll(() => panel.steps()).toEqual([shown, last]);
    expect(await panel.currentStep().count()).toBe(1);
  });

  test('a step shows its place in the source', async () => {
    const place = vscode.line('"es", "utf-8"');
    await vscode.line('free(text);').click();
    await vscode.goTo(1);
    await place.waitFor({ state: 'detached' });
    await panel.step('"es", "utf-8"').first().click();
    await place.waitFor();
    await vscode.screenshot('8-source');
  });

  test('another build dies of something else', async () => {
    await panel.target(/Debug/).check();
    await panel.crash().filter({ hasText: 'SIMULATED SIG' }).waitFor();
    await vscode.screenshot('9-debug-build');
    const debug = await panel.crash().innerText();
    await vscode.line('free(text);').first().waitFor(); // the step where it dies
    await panel.target(/Release/).check();
    await expect.poll(() => panel.crash().innerText()).not.toBe(debug);
  });

  test('a reload brings the panel back as it was', async () => {
    const [, last] = await panel.steps();
    await panel.button('First step').click();
    await panel.button('Next step').click();
    await expect.poll(() => panel.steps()).toEqual([1, last]);
    await vscode.reload();
    await panel.title().filter({ hasText: 'text' }).waitFor();
    await expect.poll(() => panel.steps()).toEqual([1, last]);
    await vscode.tab('wordbag.c').waitFor();
  });

  test('the command shows the finding at the cursor', async () => {
    await vscode
      .line(/wordbag_\w+\(/)
      .first()
      .click();
    await vscode.goTo(lineOf('PyMem_RawFree(wide)'));
    await vscode.squiggles().first().waitFor();
    await vscode.command('PyMem Lint: Show Simulated Crash');
    await panel.title().filter({ hasText: 'wide' }).waitFor();
    await expect.poll(() => vscode.tab('Simulated Crash').count()).toBe(1);
  });

  test.for(['dark', 'light', 'high-contrast', 'high-contrast-light'] as const)(
    'it can be read in a %s theme',
    async (theme) => {
      await vscode.theme(theme);
      await panel.title().waitFor();
      await vscode.page.waitForTimeout(500); // colors fade over
      await vscode.screenshot(`10-${theme}`);
      await expect.poll(() => panel.barriers()).toEqual([]);
    },
  );

  test('with room it shows steps and heap side by side', async () => {
    await vscode.theme('dark');
    await vscode.line('PyMem_RawFree(wide)').click();
    await vscode.goTo(lineOf('free(text); /*'));
    await vscode.command('PyMem Lint: Show Simulated Crash');
    await panel.title().filter({ hasText: 'text' }).waitFor();
    await vscode.page.keyboard.press('Control+B'); // the Explorer
    await vscode.moveWebviewBorder(640);
    await expect
      .poll(async () => {
        const step = await panel.currentStep().boundingBox();
        const map = await panel.map().boundingBox();
        return step && map && map.x > step.x + step.width;
      })
      .toBe(true);
    await vscode.page.waitForTimeout(1500); // the border's highlight fades
    await vscode.screenshot('heap-panel');
  });

  test('the replay is saved, as a page and as a picture', async () => {
    await panel.target(/Debug/).check();
    await panel.step('"es", "utf-8"').first().click();
    await expectSaved(vscode, panel, workspace);
    await panel.target(/Release/).check();
  });

  test('the debugger walks the path forward and back, and the heap panel goes along', async () => {
    const { page } = vscode;
    const [, last] = await panel.steps();
    const frames = page.locator('.debug-call-stack .monaco-list-row .stack-frame');
    const standsAt = async (text: string): Promise<void> => {
      const place = expect.stringMatching(new RegExp(`wordbag_fold[^]*${lineOf(text)}:`));
      await expect.poll(() => frames.allInnerTexts()).toEqual([place]);
    };
    await vscode.command('PyMem Lint: Debug Simulated Crash');
    await page.locator('.debug-toolbar').waitFor();
    await vscode.command('View: Show Run and Debug');
    await standsAt('"es", "utf-8"');
    await expect.poll(() => panel.steps()).toEqual([0, last]);
    await page.keyboard.press('F10');
    await standsAt('for (char *c = text');
    const variables = page.locator('.debug-variables .monaco-list-row');
    await variables.filter({ hasText: /text\s*=\s*0x/ }).waitFor();
    await page.locator('.debug-toolbar a[aria-label^="Step Back"]').click();
    await standsAt('"es", "utf-8"');
    await variables.filter({ hasText: /text\s*=\s*not set yet/ }).waitFor();
    await page.keyboard.press('F5');
    await page.locator('.exception-widget', { hasText: 'SIMULATED SIG' }).waitFor();
    await expect.poll(() => panel.steps()).toEqual([last, last]);
    await page.locator('.debug-top-stack-frame-line').first().waitFor();
    await vscode.screenshot('11-debugger');
    await panel.button('First step').click();
    await standsAt('"es", "utf-8"');
    await page.keyboard.press('Shift+F5');
    await page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
  });

  needsPythonHeaders().test('a crash is proved on the chosen Python', async () => {
    fs.symlinkSync('/usr/bin/python3', path.join(root, 'chosen'));
    await vscode.line('free(text);').first().click();
    await vscode.goTo(lineOf('free(text); /*'));
    await vscode.command('PyMem Lint: Prove It for Real');
    const terminal = vscode.page.locator('.terminal-wrapper.active .xterm-rows');
    await terminal.filter({ hasText: `built and run with ${path.join(root, 'chosen')}` }).waitFor();
    await terminal.filter({ hasText: 'double free or corruption (out)' }).waitFor();
    await terminal.filter({ hasText: 'PYTHONMALLOC=debug: as foretold' }).waitFor();
    await vscode.screenshot('12-proof');
    expect(await terminal.innerText()).toContain('release build: as foretold');
    await vscode.followTerminalLink('double free or corruption', 'Explain with PyMem Lint');
    const said = /double free[^]*PyMem_\*, PyObject_\*[^]*wordbag\.c:\d+ .*crash says the same/;
    await expect.poll(() => vscode.markdown()).toMatch(said);
    await vscode.screenshot('13-last-words');
  });

  test('a crash text on the clipboard is explained', async () => {
    await vscode.copy('munmap_chunk(): invalid pointer');
    await vscode.command('PyMem Lint: Explain Crash Text');
    await expect.poll(() => vscode.markdown()).toMatch(/munmap_chunk[^]*Caused by/);
  });

  test('the project is for the Python that is chosen in the Python extension', async () => {
    const debugInfo = (): Promise<string> =>
      vscode.command('PyMem Lint: Copy Debug Info').then(() => vscode.copied());
    await vscode.openFile(EXAMPLE);
    await vscode.page.keyboard.type('int checked_again;');
    await vscode.undoAll('wordbag.c');
    await expect.poll(debugInfo).toContain('Python 3.12 (chosen in the Python extension)');
  });

  test('the walkthrough opens a broken sample, whose fix replays clean', async () => {
    await vscode.openWalkthrough('From a finding to its crash, and the fix');
    await vscode.page.getByRole('button', { name: 'Open the Sample', exact: true }).click();
    await vscode.tab('Untitled').waitFor();
    const sample = fs.readFileSync(path.join(checkout, 'media/walkthrough/sample.c'), 'utf8');
    expect(sample).toContain('    free(text);\n');
    await vscode.squiggles().first().waitFor();
    await vscode.screenshot('14-sample');
    await vscode.tab('Welcome').click();
    await vscode.page.getByRole('button', { name: 'Apply the fix' }).first().click();
    await vscode.page.getByRole('button', { name: 'Show the Fixes', exact: true }).click();
    const choices = vscode.shownCodeActions();
    await choices.first().waitFor();
    await vscode.screenshot('15-sample-fixes');
    await choices.filter({ hasText: 'replays clean' }).first().click();
    await vscode.line('PyMem_Free(text);').waitFor();
    await vscode.squiggles().waitFor({ state: 'detached' });
    await vscode.tab('Welcome').click();
    const done = vscode.page.getByRole('checkbox', { name: 'Open the broken sample: Completed' });
    await done.waitFor();
  });

  test('nothing asked for attention, and nothing was refused by the page', async () => {
    expect(await vscode.toasts().allInnerTexts()).toEqual([]);
    expect(vscode.console.filter((line) => line.includes('Content Security Policy'))).toEqual([]);
  });

  /** At the end of the example, until it is reported. */
  async function typeDefect(): Promise<void> {
    await vscode.goTo(lines.length);
    await vscode.page.keyboard.type('void f(void) { void *p = PyMem_Malloc(8); free(p); }');
    await expect.poll(problemLines).toContain(lines.length);
    await vscode.squiggles().first().waitFor();
  }

  /** Lines of the example's rows in the Problems view. */
  async function problemLines(): Promise<readonly number[]> {
    const texts = await vscode.problems('pymem-lint').allInnerTexts();
    return texts.flatMap((text) => {
      const place = /wordbag\.c[^]*\[Ln (\d+), Col \d+\]/.exec(text);
      return place ? [Number(place[1])] : [];
    });
  }
});
