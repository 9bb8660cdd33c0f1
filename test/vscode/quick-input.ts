// VS Code's quick input, the box at the top of the window in which commands, files and lines are picked.
import type { Locator, Page } from 'playwright-core';

export class QuickInput {
  readonly #page: Page;
  readonly #widget: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#widget = page.locator('.quick-input-widget');
  }

  /** Opens it with a text in it. The key is swallowed while another one closes, so: again. */
  async fill(text: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      await this.closed();
      await this.#page.keyboard.press('F1');
      try {
        await this.#input().fill(text, { timeout: 3000 }); // typed letters would race with the list
        return;
      } catch (error) {
        if (tries === 5) throw error;
        await this.#page.keyboard.press('Escape');
      }
    }
  }

  /** Narrows the list of the one that is open. */
  filter(text: string): Promise<void> {
    return this.#input().fill(text);
  }

  title(text: string): Locator {
    return this.#widget.locator('.quick-input-title:visible', { hasText: text });
  }

  row(text: string): Locator {
    return this.#widget.locator('.monaco-list-row', { hasText: text }).first();
  }

  /** The row with exactly this label. */
  choice(label: string): Locator {
    const exactly = new RegExp(`^${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
    return this.#widget
      .locator('.monaco-list-row')
      .filter({ has: this.#page.locator('.label-name', { hasText: exactly }) })
      .first();
  }

  /** Saves under the name that the dialog with this title proposes, which is returned. */
  async saveAsProposed(title: string): Promise<string> {
    await this.title(title).waitFor();
    let proposed = '';
    // It begins with the folder alone, and is deaf while it reads that.
    for (let tries = 1; await this.#widget.isVisible(); tries++) {
      if (tries === 50) throw new Error(`the dialog does not save ${proposed}`);
      await this.#page.waitForTimeout(200);
      const text = await this.#input()
        .inputValue({ timeout: 3000 })
        .catch(() => '');
      if (!/[^/]\.\w+$/.test(text)) continue;
      proposed = text;
      await this.#page.keyboard.press('Enter');
      await this.closed(5000).catch(() => undefined);
    }
    return proposed.slice(proposed.lastIndexOf('/') + 1);
  }

  /** `timeout` in milliseconds. */
  closed(timeout = 60_000): Promise<void> {
    return this.#widget.waitFor({ state: 'hidden', timeout });
  }

  #input(): Locator {
    return this.#widget.locator('input[type=text]').first();
  }
}
