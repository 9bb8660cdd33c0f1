// A VS Code as a person uses it: opens folders, presses keys, picks commands, reads squiggles, problems and panels, in a
// browser without a display. The selectors are VS Code's own class names. Knows nothing about the product.
import fs from 'node:fs';
import path from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type FrameLocator,
  type Locator,
  type Page,
} from 'playwright-core';
import type { Host } from './host.ts';
import type { Installation } from './installation.ts';
import { QuickInput } from './quick-input.ts';
import { Server, type ServerOptions } from './server.ts';

const CHROMIUM_ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--no-first-run',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
];

export interface WindowOptions {
  readonly installation: Installation;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Screenshots, and on a failure the logs, go here. */
  readonly results: string;
}

export type LaunchOptions = ServerOptions & WindowOptions;

/** VS Code's labels of its themes, and the class its workbench then has. */
export const THEMES = {
  dark: { label: 'Dark Modern', marker: '.monaco-workbench.vs-dark' },
  light: { label: 'Light Modern', marker: '.monaco-workbench.vs' },
  'high-contrast': { label: 'Dark High Contrast', marker: '.monaco-workbench.hc-black' },
  'high-contrast-light': { label: 'Light High Contrast', marker: '.monaco-workbench.hc-light' },
} as const;

export type Theme = keyof typeof THEMES;

export class VSCode {
  readonly page: Page;
  readonly quickInput: QuickInput;
  /** What the page printed; the extension host's errors are among it. */
  readonly console: readonly string[];
  readonly #host: Host;
  readonly #browser: Browser;
  readonly #results: string;

  private constructor(host: Host, browser: Browser, page: Page, results: string) {
    this.#host = host;
    this.#browser = browser;
    this.#results = results;
    this.page = page;
    this.quickInput = new QuickInput(page);
    const lines: string[] = [];
    page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => lines.push(`uncaught: ${error.stack ?? error.message}`));
    this.console = lines;
  }

  static async launch(options: LaunchOptions): Promise<VSCode> {
    return VSCode.show(await Server.start(options), options);
  }

  /** The host ends with the window. */
  static async show(host: Host, options: WindowOptions): Promise<VSCode> {
    fs.mkdirSync(options.results, { recursive: true });
    let browser: Browser | undefined;
    try {
      browser = await chromium.launch({
        executablePath: options.installation.chromium,
        args: CHROMIUM_ARGUMENTS,
      });
      const page = await (await newContext(browser, options)).newPage();
      page.setDefaultTimeout(60_000);
      return new VSCode(host, browser, page, options.results);
    } catch (error) {
      await browser?.close();
      await host.stop();
      throw error;
    }
  }

  /** Ends the browser and the host with all its children. */
  async close(): Promise<void> {
    await this.#browser.close().catch(() => undefined);
    await this.#host.stop();
  }

  /** Opens a folder and a file in it, in a fresh window. */
  async open(folder: string, file: string): Promise<void> {
    await this.page.goto(this.address(folder, [['openFile', this.uri(path.join(folder, file))]]));
    await this.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    await this.tab(path.basename(file)).waitFor({ timeout: 60_000 });
  }

  /** Reloads the window by VS Code's own command; what was open comes back. */
  async reload(): Promise<void> {
    // A file to open would come instead of what was open.
    await this.page.evaluate(() => {
      const address = new URL(location.href);
      address.searchParams.delete('payload');
      history.replaceState(null, '', address);
    });
    const loaded = this.page.waitForEvent('load', { timeout: 60_000 });
    await this.quickInput.fill('>Developer: Reload Window');
    await this.quickInput.choice('Developer: Reload Window').click();
    await loaded;
    await this.page.locator('.tabs-container .tab').first().waitFor({ timeout: 60_000 });
  }

  /** The address of the workbench; the payload holds options of the window. */
  address(folder: string, payload: readonly (readonly [string, string])[]): string {
    const address = new URL(this.#host.url);
    address.searchParams.set('folder', this.#host.folderParameter(folder));
    address.searchParams.set('payload', JSON.stringify(payload));
    return address.href;
  }

  /** The URI by which the window names a file of this machine. */
  uri(file: string): string {
    return this.#host.uri(file);
  }

  /** Runs a command by its whole title in the palette. */
  async command(title: string): Promise<void> {
    await this.pick(title);
    await this.quickInput.closed();
  }

  /** The same of a command that asks for something where the palette was. */
  async pick(title: string): Promise<void> {
    await this.retry(async () => {
      await this.quickInput.fill(`>${title}`);
      // The palette may close by itself when the focus goes elsewhere.
      await this.quickInput.choice(title).click({ timeout: 15_000 });
    });
  }

  async openWalkthrough(title: string): Promise<void> {
    await this.retry(async () => {
      await this.quickInput.fill('>Welcome: Open Walkthrough...');
      await this.quickInput.choice('Welcome: Open Walkthrough...').waitFor();
      await this.page.keyboard.press('Enter'); // a click would close the list that comes
      await this.quickInput.choice(title).click({ timeout: 10_000 });
    });
    await this.quickInput.closed();
  }

  /** Brings a file of the open folder to the front. */
  async openFile(name: string): Promise<void> {
    await this.quickInput.fill(name);
    await this.quickInput.choice(path.basename(name)).click();
    await this.tab(path.basename(name)).waitFor();
  }

  /** Puts the cursor of the active editor on a line and column, both from 1. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.retry(async () => {
      await this.quickInput.fill(`:${line}:${column}`);
      await this.quickInput.row(String(line)).waitFor({ timeout: 5000 });
      await this.page.keyboard.press('Enter');
      await this.quickInput.closed();
      await this.status(`Ln ${line}, Col ${column}`).waitFor({ timeout: 5000 });
    });
  }

  /** Switches the color theme under the running window. */
  async theme(theme: Theme): Promise<void> {
    const { label, marker } = THEMES[theme];
    await this.quickInput.fill('>Preferences: Color Theme');
    await this.quickInput.choice('Preferences: Color Theme').click();
    await this.quickInput.choice('Light Modern').waitFor();
    await this.quickInput.filter(label);
    await this.quickInput.choice(label).click();
    await this.quickInput.closed();
    await this.page.locator(marker).waitFor();
  }

  /** Undoes every change since the file was opened or saved; one key press takes back only a few letters. */
  async undoAll(name: string): Promise<void> {
    const changed = this.page.locator('.tabs-container .tab.active.dirty', { hasText: name });
    for (let presses = 0; (await changed.count()) > 0; presses++) {
      if (presses === 100) throw new Error(`${name} is still changed after ${presses} times undo`);
      await this.page.keyboard.press('Control+Z');
      await this.page.waitForTimeout(50);
    }
  }

  /** The fixes on the screen, whoever asked for them. */
  shownCodeActions(): Locator {
    return this.page.locator('.action-widget .monaco-list-row.action');
  }

  /** The action widget (Ctrl+.) where the cursor is, filled with its choices. */
  async codeActions(): Promise<Locator> {
    const choices = this.shownCodeActions();
    await this.retry(async () => {
      await this.page.keyboard.press('Control+.');
      await choices.first().waitFor({ timeout: 3000 });
    });
    return choices;
  }

  /** Moves the mouse over an element until the hover says something. */
  async hover(element: Locator, text: string | RegExp): Promise<Locator> {
    const hover = this.page.locator('.monaco-hover:visible', { hasText: text }).first();
    await this.retry(async () => {
      await this.page.mouse.move(2, 2);
      const box = await element.boundingBox();
      if (!box) throw new Error('the element to hover over is not visible');
      await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
      await hover.waitFor({ timeout: 4000 });
    });
    return hover;
  }

  /** Tries an action that VS Code may ignore while it is busy with something else. */
  async retry(action: () => Promise<void>, times = 5): Promise<void> {
    for (let left = times; ; left--) {
      try {
        await action();
        return;
      } catch (error) {
        if (left === 1) throw error;
        await this.page.keyboard.press('Escape');
        await this.page.waitForTimeout(500);
      }
    }
  }

  tab(label: string | RegExp): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: label });
  }

  /** The active editor's text lines that are on the screen. */
  line(text: string | RegExp): Locator {
    return this.page.locator('.monaco-editor .view-line', { hasText: text });
  }

  squiggles(severity: 'error' | 'warning' | 'info' = 'error'): Locator {
    return this.page.locator(`.monaco-editor .squiggly-${severity}`);
  }

  codeLens(text: string | RegExp): Locator {
    return this.page.locator('.monaco-editor .codelens-decoration a', { hasText: text });
  }

  /** Clicks the lens that stands above the line with this text. */
  async clickCodeLens(lens: string | RegExp, lineText: string | RegExp): Promise<void> {
    await this.codeLens(lens).filter({ visible: true }).first().waitFor();
    await this.retry(async () => {
      const line = await this.line(lineText).first().boundingBox();
      if (!line) throw new Error(`the line ${lineText.toString()} is not on the screen`);
      for (const candidate of await this.codeLens(lens).all()) {
        const box = await candidate.boundingBox();
        if (!box || box.y > line.y || box.y < line.y - 2 * line.height) continue;
        await candidate.click();
        return;
      }
      throw new Error(`no lens ${lens.toString()} above ${lineText.toString()}`);
    });
  }

  /** Opens the Problems view as a table: one row for each problem and nothing else, so that all have room. */
  async showProblemsTable(): Promise<void> {
    await this.page.locator('.markers-panel').hover(); // the actions hide otherwise
    await this.page.locator('.panel .title a[aria-label="View as Table"]').first().click();
    await this.page.locator('.markers-panel .monaco-table').waitFor();
  }

  /** Rows of the Problems view, which must be open. */
  problems(text: string | RegExp): Locator {
    return this.page.locator('.markers-panel .monaco-list-row', { hasText: text });
  }

  status(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text });
  }

  /** Opens what the languages of the file say of themselves, until it has this text. */
  async languageStatus(text: RegExp): Promise<void> {
    const said = this.page.locator('.hover-language-status', { hasText: text });
    await this.retry(async () => {
      await this.page.mouse.move(0, 0);
      await this.page.locator('[id="status.languageStatus"]').hover();
      await said.first().waitFor({ timeout: 5000 });
    });
  }

  toasts(): Locator {
    return this.page.locator('.notification-toast');
  }

  /** The document inside a webview: the extension's frame in VS Code's frame. */
  webview(): FrameLocator {
    return this.page
      .frameLocator('iframe.webview.ready')
      .first()
      .frameLocator('iframe#active-frame');
  }

  /** Ctrl+click on the first place of the terminal with this text, once it is a link with this tip. */
  async followTerminalLink(text: string, tip: string): Promise<void> {
    const { keyboard, mouse } = this.page;
    const rows = this.page.locator('.terminal-wrapper.active .xterm-rows');
    const part = rows.locator('span', { hasText: text }).first();
    const line = await part.innerText();
    const box = await part.boundingBox();
    if (!box) throw new Error(`${text} is not on the screen`);
    const x = box.x + (box.width * (line.indexOf(text) + text.length / 2)) / line.length;
    const y = box.y + box.height / 2;
    await this.retry(async () => {
      await mouse.move(x - 20, y);
      await keyboard.down('Control');
      await mouse.move(x, y, { steps: 5 });
      try {
        await this.page.getByText(tip).waitFor({ timeout: 5000 });
        await mouse.click(x, y);
      } finally {
        await keyboard.up('Control');
      }
    });
  }

  copied(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  copy(text: string): Promise<void> {
    return this.page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  }

  /** What the open previews of Markdown say. */
  async markdown(): Promise<string> {
    const texts = this.page.frames().map(async (frame) => {
      const page = frame.locator('.markdown-body');
      return page.allInnerTexts().catch(() => []); // a frame that is going away
    });
    return (await Promise.all(texts)).flat().join('\n');
  }

  /** Drags the border between the editor and the webview beside it. */
  async moveWebviewBorder(x: number): Promise<void> {
    const { mouse } = this.page;
    const box = await this.page.locator('iframe.webview.ready').first().boundingBox();
    if (!box) throw new Error('no webview is visible');
    await mouse.move(box.x - 1, box.y + box.height / 2);
    await mouse.down();
    await mouse.move(x, box.y + box.height / 2, { steps: 8 });
    await mouse.up();
  }

  /** The mouse goes where nothing shows a tip or a highlight for it, unless it `stays`. */
  async screenshot(name: string, mouse: 'leaves' | 'stays' = 'leaves'): Promise<void> {
    if (mouse === 'leaves') await this.page.mouse.move(2, 2);
    await this.page.screenshot({ path: path.join(this.#results, `${name}.png`) });
  }

  /** Keeps what explains a failure: the screen, the page's console, and every log of the host. */
  async keepEvidence(name: string): Promise<void> {
    const folder = path.join(this.#results, `failure-${name}`);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'console.txt'), this.console.join('\n'));
    this.#host.keepLogs(folder);
    await this.page.screenshot({ path: path.join(folder, 'screen.png') }).catch(() => undefined);
  }
}

function newContext(browser: Browser, options: WindowOptions): Promise<BrowserContext> {
  return browser.newContext({
    viewport: options.viewport ?? { width: 1600, height: 1000 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
}
