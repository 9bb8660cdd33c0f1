// The extension as on vscode.dev: VS Code in nothing but a browser, the packaged .vsix in its web extension host, the
// language server in a worker, files on a file system of another extension. Screenshots: test-results/vscode-web; those named
// demo-* are the pictures of docs/images/demo.webp, which scripts/demo.mjs makes of them.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VSCode } from '../driver.ts';
import { HeapPanelPage } from '../heap-panel-page.ts';
import { install, needsVSCode } from '../installation.ts';
import { checkout, packageExtension } from '../package.ts';
import { expectSaved } from '../saved-replay.ts';
import { tellOneStory } from '../story.ts';
import { WebServer } from './web-server.ts';

/** The macro that allocates is of a header that `setup.py` leads to. */
const GREET = `#include <Python.h>
#include "scratch.h"

PyObject *greet(const char *name)
{
    char *text = PyMem_Malloc(8);
    if (text == NULL)
        return PyErr_NoMemory();
    strcpy(text, "Hello, ");
    char *larger = SCRATCH_GROW(text, 64);
    if (larger == NULL) {
        PyMem_Free(text);
        return PyErr_NoMemory();
    }
    strncat(larger, name, 56);
    PyObject *greeting = PyUnicode_FromString(larger);
    free(larger);
    return greeting;
}
`;
const PLAIN = `#include <stdlib.h>

void plain(void)
{
    void *p = malloc(8);
    free(p);
    free(p);
}
`;
const RELEASE = 'free(larger)';
const RELEASE_LINE = 17;

const FILES: Readonly<Record<string, string>> = {
  'greet.c': GREET,
  'vendored/headers/scratch.h': '#define SCRATCH_GROW(block, size) PyMem_Realloc(block, size)\n',
  'setup.py':
    'from setuptools import setup, Extension\n' +
    "setup(ext_modules=[Extension('greet', ['greet.c'], include_dirs=['vendored/headers'])])\n",
  'closed.c':
    '#include <Python.h>\nvoid closed(void)\n{\n    void *p = PyMem_RawMalloc(8);\n    PyMem_Free(p);\n}\n',
  'ignored/closed.c':
    '#include <Python.h>\nvoid ignored(void)\n{\n    void *p = PyMem_RawMalloc(8);\n    PyMem_Free(p);\n}\n',
  '.gitignore': 'ignored/\n',
  'pyproject.toml': '[project]\nname = "greet"\nrequires-python = ">=3.11"\n',
};

needsVSCode().describe('in a browser', () => {
  let root: string;
  let workspace: string;
  let vscode: VSCode;
  let panel: HeapPanelPage;

  beforeAll(async () => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'plw-'));
    workspace = path.join(root, 'workspace');
    for (const [name, text] of Object.entries(FILES)) {
      fs.mkdirSync(path.dirname(path.join(workspace, name)), { recursive: true });
      fs.writeFileSync(path.join(workspace, name), text);
    }
    fs.mkdirSync(path.join(workspace, '.git'));
    const unpacked = path.join(root, 'unpacked');
    execFileSync('python3', ['-m', 'zipfile', '-e', packageExtension(root), unpacked]);
    const installation = install();
    const { codeServer } = installation;
    const extension = path.join(unpacked, 'extension');
    const server = await WebServer.start({ codeServer, extension, workspace });
    const results = path.join(checkout, 'test-results/vscode-web');
    const viewport = { width: 1180, height: 720 };
    vscode = await VSCode.show(server, { installation, results, viewport });
  }, 900_000);

  tellOneStory(() => vscode);

  afterAll(async () => {
    await vscode?.close();
    fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  test('a mix is found through a macro of a header that setup.py leads to', async () => {
    await vscode.open(workspace, 'greet.c');
    await vscode.squiggles().first().waitFor();
    await vscode.page.keyboard.press('Control+B'); // the Explorer
    await vscode.codeLens('Show Simulated Crash').waitFor();
    await vscode.screenshot('demo-1-found');
    const hover = await vscode.hover(
      vscode.squiggles().first(),
      /'larger' from SCRATCH_GROW[^]*released by free/,
    );
    await vscode.screenshot('demo-2-hover', 'stays');
    await hover.getByText('About mismatched-free').click();
    await vscode.line('# mismatched-free').waitFor(); // there is no Markdown preview here
    await vscode.command('View: Close Editor');
    await vscode.line(RELEASE).waitFor();
  });

  test('an edit is checked', async () => {
    await vscode.line(RELEASE).click();
    await vscode.goTo(RELEASE_LINE, 5);
    await vscode.page.keyboard.press('Shift+End');
    await vscode.page.keyboard.type('PyMem_Free(larger);');
    await vscode.squiggles().first().waitFor({ state: 'detached' });
    await vscode.undoAll('greet.c');
    await vscode.squiggles().first().waitFor();
  });

  test('keys walk the path of the finding', async () => {
    await vscode.line(RELEASE).click();
    await vscode.clickCodeLens('Show Finding Path', 'PyObject *greet');
    const current = vscode.page.locator('.pane-body .monaco-list-row.selected');
    await current.filter({ hasText: '1. ' }).waitFor();
    await vscode.page.keyboard.press('Shift+Alt+N');
    await vscode.page.keyboard.press('Shift+Alt+N');
    await current.filter({ hasText: "3. 'text' is resized by" }).waitFor();
    await vscode.screenshot('demo-3-path');
    await vscode.command('PyMem Lint: Close Finding Path');
    await vscode.page.keyboard.press('Control+B');
  });

  test('Lint Workspace reports files that nobody opened, and none that git ignores', async () => {
    await vscode.command('PyMem Lint: Lint Workspace');
    await vscode.problems('closed.c').first().waitFor();
    expect(await vscode.problems('ignored').count()).toBe(0);
    await vscode.status(/PyMem Lint: 2 findings in 3 files/).waitFor();
  });

  test('a server that is restarted goes on; checks have a worker of their own', async () => {
    const workers = (): string[] => vscode.page.workers().map((worker) => worker.url());
    const before = workers();
    await vscode.command('PyMem Lint: Restart Server');
    // The server's, and those that check.
    const gone = (): number => before.filter((url) => !workers().includes(url)).length;
    await expect.poll(gone).toBeGreaterThanOrEqual(2);
    await vscode.command('PyMem Lint: Lint Workspace');
    const log = vscode.page.locator('.panel .view-lines');
    // The problems come to the front when they are there.
    await vscode.retry(async () => {
      await vscode.command('PyMem Lint: Show Log');
      await log.filter({ hasText: /findings[^]*findings.in.3.files/ }).waitFor({ timeout: 5000 });
    });
    expect(await log.innerText()).not.toMatch(/own.thread/);
  });

  test('the heap panel shows the simulated crash', async () => {
    await vscode.page.keyboard.press('Control+J'); // the Problems view
    await vscode.line(RELEASE).click();
    await vscode.command('PyMem Lint: Show Simulated Crash');
    panel = new HeapPanelPage(vscode.webview());
    await panel.title().filter({ hasText: 'larger' }).waitFor();
    await panel.crash().filter({ hasText: 'SIMULATED SIGABRT' }).waitFor();
    await panel.map().waitFor();
    const [, last] = await panel.steps();
    await panel.button('First step').click();
    for (let step = 0; step < last; step++) {
      await expect.poll(() => panel.steps()).toEqual([step, last]);
      await vscode.screenshot(`demo-4-step-${step}`);
      await panel.button('Next step').click();
    }
    await expect.poll(() => panel.steps()).toEqual([last, last]);
    await vscode.screenshot('demo-5-crash');
    await vscode.line('char *text = PyMem_Malloc(8)').click();
    await expect.poll(() => panel.currentStep().innerText()).toContain('PyMem_Malloc(8)');
  });

  test('the replay is saved into the workspace, as a page and as a picture', async () => {
    await panel.button('First step').click();
    await panel.button('Next step').click();
    await expectSaved(vscode, panel, workspace);
  });

  test('the debugger stops where a watched block changes hands, and answers questions', async () => {
    const { page } = vscode;
    await vscode.line(RELEASE).click();
    await vscode.command('PyMem Lint: Debug Simulated Crash');
    await page.locator('.debug-top-stack-frame-line').first().waitFor();
    await vscode.command('View: Show Run and Debug');
    await page.keyboard.press('F10');
    const pointer = page.locator('.debug-variables .monaco-list-row', {
      hasText: /text\s*=\s*0x/,
    });
    await vscode.retry(async () => {
      await pointer.click({ button: 'right' });
      await page.waitForTimeout(500); // a menu ignores clicks at first
      await page.getByRole('menuitem', { name: 'Break on Value Change' }).click();
      const watched = page.locator('.debug-breakpoints', { hasText: 'changes hands' });
      await watched.waitFor({ timeout: 5000 });
    });
    await page.keyboard.press('F5');
    await page.locator('.call-stack-state-message', { hasText: 'data breakpoint' }).waitFor();
    const freed = page.locator('.debug-variables .monaco-list-row', {
      hasText: /text\s*=.*A, 8 bytes, released/s,
    });
    await freed.waitFor();

    await page.locator('.repl-input-wrapper .monaco-editor').click();
    await page.keyboard.type('who allocated larger');
    await page.keyboard.press('Enter');
    const answer = page.locator('.repl .monaco-list-row', { hasText: 'greet.c:10: char *larger' });
    await answer.filter({ hasText: 'simulated: CPython' }).waitFor();
    await vscode.screenshot('debugger');

    await page.keyboard.press('F5');
    await page.locator('.exception-widget', { hasText: 'SIMULATED SIG' }).waitFor();
    await page.keyboard.press('Shift+F5');
    await page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
  });

  test('a quick fix that replays clean makes the finding go', async () => {
    await vscode.page.keyboard.press('Control+J'); // the Debug Console
    await vscode.page.keyboard.press('Control+B');
    await vscode.line(RELEASE).click();
    await vscode.goTo(RELEASE_LINE, 8);
    const choices = await vscode.codeActions();
    await vscode.screenshot('demo-6-fixes');
    await choices.filter({ hasText: 'PyMem_Free' }).first().click();
    await vscode.line('PyMem_Free(larger)').waitFor();
    await vscode.squiggles().first().waitFor({ state: 'detached' });
    await expect.poll(() => vscode.tab('greet.c').innerText()).not.toContain('1');
    await vscode.screenshot('demo-7-fixed');
  });

  test('the debug info says what the project asks of Python', async () => {
    await vscode.command('PyMem Lint: Copy Debug Info');
    await expect
      .poll(() => vscode.copied())
      .toMatch(/\(web\)[^]*Python 3\.11 to 3\.\d+ \(pyproject\.toml\)/);
  });

  test('a panel behind another tab comes to the front to be saved; a closed one is not offered to', async () => {
    await vscode.command('View: Join All Editor Groups');
    await vscode.tab('greet.c').click();
    await panel.title().waitFor({ state: 'hidden' });
    await vscode.pick('PyMem Lint: Save Heap Map as SVG');
    await vscode.quickInput.title('Save Heap Map as SVG').waitFor();
    await vscode.page.keyboard.press('Escape');
    await panel.title().waitFor();
    await vscode.command('View: Close Editor');
    await vscode.quickInput.fill('>PyMem Lint: ');
    await vscode.quickInput.choice('PyMem Lint: Show Log').waitFor();
    expect(await vscode.quickInput.row('Save Heap Map as SVG').count()).toBe(0);
    await vscode.page.keyboard.press('Escape');
  });

  test('a crash text is explained, and the sample of the walkthrough is checked', async () => {
    await vscode.copy('munmap_chunk(): invalid pointer');
    await vscode.line('PyMem_Free(larger)').click();
    await vscode.command('PyMem Lint: Explain Crash Text');
    await vscode.line('What this crash says').waitFor(); // there is no Markdown preview here
    await vscode.command('PyMem Lint: Open the Walkthrough Sample');
    await vscode.line('strcpy(text, "Hello, ");').waitFor();
    await vscode.squiggles().first().waitFor();
  });

  test('what needs processes is not offered', async () => {
    await vscode.quickInput.fill('>PyMem Lint: Prove It for Real');
    await vscode.quickInput.choice('PyMem Lint: Debug Simulated Crash').waitFor();
    expect(await vscode.quickInput.choice('PyMem Lint: Prove It for Real').count()).toBe(0);
    await vscode.page.keyboard.press('Escape');
    expect(await vscode.toasts().allInnerTexts()).toEqual([]);
  });

  test('C that has nothing to do with Python is left alone until a command asks for it', async () => {
    const folder = path.join(workspace, 'plain');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'plain.c'), PLAIN);
    await vscode.open(folder, 'plain.c');
    await vscode.languageStatus(/PyMem Lint: waiting[^]*for Python\.h/);
    await vscode.screenshot('waiting');
    await vscode.command('PyMem Lint: Copy Debug Info');
    await expect.poll(() => vscode.copied()).toMatch(/^server: not started, waits for /m);
    await vscode.line('free(p);').first().click();
    await vscode.command('PyMem Lint: Show Simulated Crash');
    await panel.title().filter({ hasText: "'p'" }).waitFor();
    await vscode.command('PyMem Lint: Copy Debug Info');
    await expect.poll(() => vscode.copied()).toMatch(/^server: Running /m);
  });

  test('a helper file of a Python project is checked, though it says nothing of Python', async () => {
    const folder = path.join(workspace, 'project');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'setup.py'), '');
    fs.writeFileSync(path.join(folder, 'helper.c'), PLAIN);
    await vscode.open(folder, 'helper.c');
    await vscode.squiggles().first().waitFor();
  });
});
