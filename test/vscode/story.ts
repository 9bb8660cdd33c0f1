// Tests of one window that tell one story: each goes on where the one before it ended.
import { beforeEach, onTestFailed } from 'vitest';
import type { VSCode } from './driver.ts';

/** In a suite: after a test that fails the others are not reached, and what explains it is kept. */
export function tellOneStory(vscode: () => VSCode): void {
  let endedAt: string | null = null;
  beforeEach(({ task }) => {
    if (endedAt !== null) throw new Error(`not reached: the story ended at "${endedAt}"`);
    onTestFailed(async () => {
      endedAt = task.name;
      await vscode().keepEvidence(task.name.replaceAll(/\W+/g, '-'));
    });
  });
}
