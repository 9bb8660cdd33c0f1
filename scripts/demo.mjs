// Makes docs/images/demo.webp, the README's moving picture, of the screenshots that the tour in a browser leaves
// behind: npx vitest run test/vscode/web-host && node scripts/demo.mjs. Needs img2webp (apt-get install webp).
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** How long a picture stays, in milliseconds, by what its name begins with. */
const STAYS = {
  'demo-1': 1800,
  'demo-2': 3200,
  'demo-3': 2600,
  'demo-4': 1400,
  'demo-5': 3600,
  'demo-6': 2200,
  'demo-7': 2600,
};

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const pictures = path.join(root, 'test-results/vscode-web');
const demo = path.join(root, 'docs/images/demo.webp');

try {
  const names = existsSync(pictures)
    ? readdirSync(pictures).filter((name) => /^demo-.*\.png$/.test(name))
    : [];
  if (names.length === 0) {
    throw new Error('there are no screenshots: run npx vitest run test/vscode/web-host first');
  }
  const frames = names.toSorted().flatMap((name) => {
    const stays = Object.entries(STAYS).find(([start]) => name.startsWith(start))?.[1];
    if (stays === undefined) throw new Error(`how long does ${name} stay?`);
    return ['-d', String(stays), path.join(pictures, name)];
  });
  const options = ['-loop', '0', '-min_size', '-lossless', '-m', '6'];
  const { error, status } = spawnSync('img2webp', [...options, ...frames, '-o', demo], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (error !== undefined) throw new Error(`${error.message} (apt-get install webp)`);
  if (status !== 0) throw new Error(`img2webp ended with ${status}`);
  const kilobytes = Math.ceil(statSync(demo).size / 1024);
  console.log(`demo: ${path.relative(root, demo)}, ${names.length} pictures, ${kilobytes} KB`);
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
