// The heap panel as its reader sees it inside VS Code: found by roles and names, as a screen reader would find it.
import axe from 'axe-core';
import type { FrameLocator, Locator } from 'playwright-core';

export class HeapPanelPage {
  readonly #frame: FrameLocator;

  constructor(frame: FrameLocator) {
    this.#frame = frame;
  }

  title(): Locator {
    return this.#frame.getByRole('heading', { level: 1 });
  }

  /** Where the reader is: `2 / 7`. */
  position(): Locator {
    return this.#frame.getByRole('status');
  }

  button(name: string): Locator {
    return this.#frame.getByRole('button', { name, exact: true });
  }

  /** What is simulated, as the label says it. */
  model(): Locator {
    return this.#frame.getByText(/^SIMULATED: CPython/);
  }

  /** The step that the heap is shown after. */
  currentStep(): Locator {
    return this.#frame.locator('[aria-current=step]');
  }

  step(text: string | RegExp): Locator {
    return this.#frame.getByRole('listitem').getByRole('button').filter({ hasText: text });
  }

  /** The switch between the builds that the path is replayed on. */
  target(name: RegExp): Locator {
    return this.#frame.getByRole('radio', { name });
  }

  /** What the simulated process prints, with its label. */
  crash(): Locator {
    return this.#frame.getByRole('figure');
  }

  map(): Locator {
    return this.#frame.getByRole('region', { name: 'Heap map' });
  }

  /** What keeps some people from reading the page, one line each: colors too close, names missing, and so on. */
  async barriers(): Promise<readonly string[]> {
    const handle = await this.#frame.locator('html').elementHandle();
    const frame = await handle?.ownerFrame();
    if (!frame) throw new Error('the panel has no frame');
    await frame.evaluate(axe.source);
    const { violations } = await frame.evaluate(() => window.axe.run());
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`),
    );
  }

  /** The step that is shown and the last one, from 0. */
  async steps(): Promise<readonly [number, number]> {
    const text = await this.position().innerText();
    const match = /^(\d+) \/ (\d+)$/.exec(text.trim());
    if (!match) throw new Error(`the panel's position reads ${JSON.stringify(text)}`);
    return [Number(match[1]), Number(match[2])];
  }
}

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}
