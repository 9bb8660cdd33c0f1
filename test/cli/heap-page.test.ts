// The page that `replay --html` writes: nothing in the path, the script or the style can leave its element,
// and the policy lets exactly the panel's own code run.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { heapPage } from '../../server/cli/heap-page.ts';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { FINDING } from './sample-report.ts';

const HOSTILE = '</script><script>alert(1)</script><!-- \u2028 & "';

function hostilePath(): FlaggedPath {
  const { flaggedPath } = FINDING;
  return { ...flaggedPath, steps: flaggedPath.steps.map((step) => ({ ...step, text: HOSTILE })) };
}

const page = heapPage({
  title: '<b>title</b>',
  path: hostilePath(),
  script: 'const end = "</script>";\r\nconst open = "<!--";',
  style: 'b::after { content: "</style>" }',
});

function element(pattern: RegExp): string {
  return pattern.exec(page)?.[1] ?? '';
}

function hash(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}

describe('the page', () => {
  test('carries the path unchanged', () => {
    const json = element(/id="flagged-path">([^<]*)<\/script>/);
    expect(JSON.parse(json)).toEqual(hostilePath());
  });

  test('has two scripts and one style, whatever they contain', () => {
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).not.toContain('<!--');
    expect(page).toContain('<title>&lt;b&gt;title&lt;/b&gt;</title>');
  });

  test('allows its script and style by hash and nothing else', () => {
    const policy = element(/Content-Security-Policy" content="([^"]*)"/);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src ${hash(element(/<script>([\s\S]*?)<\/script>/))};`);
    expect(policy).toContain(`style-src ${hash(element(/<style>([\s\S]*?)<\/style>/))};`);
    expect(policy).not.toContain('unsafe');
  });
});
