// The sessions in README.md: each command prints what stands below it. A line of three dots stands for any lines.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildCli, cli, ROOT } from './built-cli.ts';

const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const SESSION = /^```text\n\$ node dist\/cli\.cjs ([^\n]*)\n(.*?)^```$/gms;

const sessions = Array.from(README.matchAll(SESSION), ([, command = '', output = '']) => {
  return { command, parts: output.split(/^\.\.\.\n/m) };
});

describe('README.md', () => {
  beforeAll(buildCli);

  test('shows a check, a replay and why', () => {
    const commands = sessions.map(({ command }) => command.split(' ')[0]);
    expect(commands).toEqual(['check', 'replay', 'check']);
  });

  test.each(sessions)('$command', ({ command, parts }) => {
    const { stdout } = cli(command.split(' '), { cwd: ROOT });
    let at = 0;
    for (const part of parts) {
      expect(stdout.slice(at)).toContain(part);
      at = stdout.indexOf(part, at) + part.length;
    }
    expect(stdout.startsWith(parts[0] ?? '')).toBe(true);
    expect(stdout.endsWith(parts.at(-1) ?? '')).toBe(true);
  });

  test('counts the findings in real code as docs/real-code.md does', () => {
    const page = readFileSync(path.join(ROOT, 'docs/real-code.md'), 'utf8');
    const [byProject = '', byRule = ''] = page.split('| rule |');
    const sums = [byProject, byRule].map((table) => {
      const rows = Array.from(table.matchAll(/\| (\d+) \| (\d+) \|$/gm));
      return [1, 2].map((column) => rows.reduce((sum, row) => sum + Number(row[column]), 0));
    });
    const [, findings, right] = /(\d+) findings[^]*?and (\d+) are true/.exec(README) ?? [];
    const told = [Number(findings), Number(right)];
    expect(sums).toEqual([told, told]);
  });
});
