// Saving from the heap panel as a person does: the button and the palette, VS Code's dialog, and a look at what is in the
// files afterwards, in a browser.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import type { VSCode } from './driver.ts';
import type { HeapPanelPage } from './heap-panel-page.ts';

/** Saves what the panel shows into a folder, once as a page and once as a picture, and expects them to show the same. */
export async function expectSaved(
  vscode: VSCode,
  panel: HeapPanelPage,
  folder: string,
): Promise<void> {
  const [step, last] = await panel.steps();
  const model = await panel.model().innerText();
  await panel.button('Save as HTML').click();
  const page = path.join(
    folder,
    await vscode.quickInput.saveAsProposed('Save Simulated Crash as HTML'),
  );
  expect(path.basename(page)).toMatch(/^[a-z-]+-\w+-\d+\.html$/);
  await vscode.status(`PyMem Lint: saved ${path.basename(page)}`).waitFor();

  await vscode.pick('PyMem Lint: Save Heap Map as SVG');
  const picture = path.join(folder, await vscode.quickInput.saveAsProposed('Save Heap Map as SVG'));
  expect(path.basename(picture)).toMatch(new RegExp(`-step-${step}\\.svg$`));
  await vscode.status(`PyMem Lint: saved ${path.basename(picture)}`).waitFor();
  const text = fs.readFileSync(picture, 'utf8');
  expect(text).toContain(model);
  expect(text).toContain(`Heap after step ${step} of ${last}: `);

  const tab = await vscode.page.context().newPage();
  const refused: string[] = [];
  tab.on('console', (message) => refused.push(message.text()));
  await tab.goto(pathToFileURL(page).href);
  await tab.getByText(`${step} / ${last}`, { exact: true }).waitFor();
  expect(await tab.locator('.simulated').innerText()).toBe(model);
  expect(refused).toEqual([]);
  await tab.close();
  await vscode.page.bringToFront();
}
