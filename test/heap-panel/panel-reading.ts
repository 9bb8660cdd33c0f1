// What a person reads on the heap panel's page, and what keeps some people from reading it.
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

export async function expectText(page: Page, selector: string, pattern: RegExp): Promise<void> {
  await expect.poll(() => page.locator(selector).first().textContent()).toMatch(pattern);
}

/** `rule: selector: reason` for each node that axe objects to. */
export async function violations(page: Page): Promise<readonly string[]> {
  // The page's policy runs no foreign script; evaluation from outside is not bound by it.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations: found } = await window.axe.run();
    return found.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${String(node.target)}: ${node.failureSummary ?? ''}`),
    );
  });
}

/** By the page to VS Code. */
export function posted(page: Page): Promise<readonly unknown[]> {
  return page.evaluate(() => window.posted);
}

/** From VS Code to the page. Resolves when the page has taken it: a key pressed after it comes after it. */
export function send(page: Page, message: object): Promise<void> {
  return page.evaluate(async (sent) => {
    const taken = new Promise((resolve) =>
      window.addEventListener('message', resolve, { once: true }),
    );
    window.postMessage(sent, '*');
    await taken;
  }, message);
}

declare global {
  interface Window {
    readonly axe: typeof axe;
    readonly posted: readonly unknown[];
    readonly savedState: () => unknown;
  }
}
