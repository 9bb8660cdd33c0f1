// The .vsix of this checkout, made by `npm run package` in a copy of the sources, so that suites that run at the same time
// neither share a half-written file nor leave one in the checkout.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** What packaging does not read. */
const NOT_COPIED = [
  '.git',
  'bench',
  'dist',
  'examples',
  'node_modules',
  'out',
  'test',
  'test-results',
];

/** Returns the .vsix, which lies somewhere in the folder. Throws where packaging warns. */
export function packageExtension(folder: string): string {
  const copy = path.join(folder, 'checkout');
  fs.cpSync(checkout, copy, {
    recursive: true,
    filter: (source) => {
      const name = path.relative(checkout, source);
      return !NOT_COPIED.includes(name) && !name.endsWith('.vsix');
    },
  });
  fs.symlinkSync(path.join(checkout, 'node_modules'), path.join(copy, 'node_modules'));
  const made = spawnSync('npm', ['run', '--silent', 'package'], { cwd: copy, encoding: 'utf8' });
  const said = `${made.stdout}${made.stderr}`;
  if (made.status !== 0 || said.includes('WARNING')) throw new Error(`npm run package:\n${said}`);
  const vsix = fs.readdirSync(copy).find((name) => name.endsWith('.vsix'));
  if (vsix === undefined) throw new Error('npm run package made no .vsix');
  return path.join(copy, vsix);
}
