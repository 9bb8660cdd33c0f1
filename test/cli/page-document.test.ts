// The page that `replay --html` writes: nothing in the path, the script or the style can leave its element,
// and the policy lets exactly the panel's own code run.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { pageParts } from '../../server/cli/page-bundles.ts';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { heapPage } from '../../simulator/heap-page.ts';
import { DEBUG } from '../../simulator/target.ts';
import { FINDING } from './sample-report.ts';

const HOSTILE = '</script><script>alert(1)</script><!-- \u2028 & "';

function hostilePath(): FlaggedPath {
  const { flaggedPath } = FINDING;
  return { ...flaggedPath, steps: flaggedPath.steps.map((step) => ({ ...step, text: HOSTILE })) };
}

const OPENED = { path: hostilePath(), title: '<b>title</b>', target: DEBUG, frame: 1 };
const SCRIPT = 'const end = "</script>";\r\nconst open = "<!--";\n//# sourceMappingURL=x';
const page = heapPage(OPENED, pageParts(SCRIPT, 'b::after { content: "</style>" }'));

function element(pattern: RegExp): string {
  return pattern.exec(page)?.[1] ?? '';
}

function hash(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}

describe('the page', () => {
  test('carries the path, and where it opens, unchanged', () => {
    const json = element(/id="opened-replay">([^<]*)<\/script>/);
    expect(JSON.parse(json)).toEqual(OPENED);
  });

  test('has two scripts and one style, whatever they contain', () => {
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).not.toContain('<!--');
    expect(page).not.toContain('sourceMappingURL');
    expect(page).toContain('<title>Simulated crash: &lt;b&gt;title&lt;/b&gt;</title>');
  });

  test('allows its script and style by hash and nothing else', () => {
    const policy = element(/Content-Security-Policy" content="([^"]*)"/);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src ${hash(element(/<script>([\s\S]*?)<\/script>/))};`);
    expect(policy).toContain(`style-src ${hash(element(/<style>([\s\S]*?)<\/style>/))};`);
    expect(policy).not.toContain('unsafe');
  });
});
