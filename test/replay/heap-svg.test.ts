// The picture of a heap: it says by itself what is shown, has every cell and letter of the map, and stays
// one piece whatever the source has in it. In a browser, nothing in it sticks out of its place.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heapSvg } from '../../simulator/heap-svg.ts';
import { replay } from '../../simulator/replay.ts';
import { DEBUG, RELEASE } from '../../simulator/target.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import { launch, needsChromium, pathNamed } from '../heap-panel/panel-browser.ts';

const NAMES = readdirSync(join(import.meta.dirname, 'paths')).map((name) =>
  name.replace('.json', ''),
);
const TITLE = 'memory of PyMem_Malloc is released by free()';
const HOSTILE = '</text></svg><script>alert(1)</script>&amp; "\u0007\u202e\ud800\ufffe ]]>';

function timelines(): readonly Timeline[] {
  return NAMES.flatMap((name) => [RELEASE, DEBUG].map((target) => replay(pathNamed(name), target)));
}

/** Of a path whose every text is hostile. */
function hostilePicture(): string {
  const path = pathNamed('malloc-pymem-free');
  const steps = path.steps.map((step) => ({ ...step, text: HOSTILE, api: HOSTILE }));
  const timeline = replay({ ...path, steps }, RELEASE);
  return heapSvg(HOSTILE, timeline, timeline.outcome.frame);
}

describe('a picture of the heap', () => {
  test('says what is shown: the finding, the target, the step, the families', () => {
    const timeline = replay(pathNamed('malloc-pymem-free'), DEBUG);
    const picture = heapSvg(TITLE, timeline, timeline.outcome.frame);
    for (const part of [
      TITLE,
      'mismatched-free  names.c:88',
      'SIMULATED: CPython 3.11, PYTHONMALLOC=debug, glibc 2.36',
      'Crash: Dies at the flagged step with SIGABRT',
      'Heap after step 7 of 7: PyMem_Free(self-&gt;name)',
      'SIMULATED SIGABRT: no process was run',
      'bad ID: Allocated using API &#39;1&#39;',
      'copy@names.c:44: 32 bytes from malloc (the C library heap)',
    ])
      expect(picture).toContain(part.replaceAll('&#39;', "'"));
  });

  test('has each cell of the map, and explains each letter in it', () => {
    for (const timeline of timelines()) {
      for (const index of timeline.frames.keys()) {
        const { rows } = timeline.view(index);
        const picture = heapSvg(TITLE, timeline, index);
        const cells = rows.flatMap((row) => row.cells);
        expect(picture.match(/<g><title>/g) ?? []).toHaveLength(cells.length);
        for (const letter of new Set(cells.flatMap((cell) => cell.letter.split(''))))
          expect(picture).toContain(
            `font-weight="700" text-anchor="middle" fill="#ffffff" xml:space="preserve">${letter}</text>`,
          );
      }
    }
  });

  test('loads nothing, and defines what it refers to once', () => {
    for (const timeline of timelines()) {
      const picture = heapSvg(TITLE, timeline, timeline.outcome.frame);
      const defined = Array.from(picture.matchAll(/ id="([^"]*)"/g), ([, id]) => id);
      const used = Array.from(picture.matchAll(/url\(([^)]*)\)/g), ([, id]) => id);
      expect(defined).toEqual([...new Set(defined)]);
      expect(new Set(used)).toEqual(new Set(defined.map((id) => `#${id}`)));
      expect(picture).not.toMatch(/href|@import|<script|<style|<image/);
    }
  });

  test('is a picture still where the path has hundreds of blocks and texts without an end', () => {
    const path = pathNamed('malloc-pymem-free');
    const alloc = path.steps.find((step) => step.kind === 'alloc');
    if (alloc === undefined) throw new Error('the path allocates nothing');
    const text = 'x'.repeat(50_000);
    const more = Array.from({ length: 300 }, (_, index) => ({
      ...alloc,
      text,
      block: `block@names.c:${index}`,
    }));
    const timeline = replay(
      { ...path, steps: [...more, ...path.steps], fault: path.fault + more.length },
      RELEASE,
    );
    const picture = heapSvg('a title '.repeat(5_000), timeline, timeline.outcome.frame);
    expect(picture).toMatch(/>and \d\d\d more blocks</);
    expect(Number(/ height="(\d+)"/.exec(picture)?.[1])).toBeLessThan(10_000);
  });

  test('a step that there is not is an error', () => {
    const timeline = replay(pathNamed('repaired'), RELEASE);
    expect(() => heapSvg(TITLE, timeline, 99)).toThrow(RangeError);
  });
});

needsChromium().describe('in a browser', () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launch();
    page = await browser.newPage();
  });
  afterAll(() => browser?.close());

  test('is an image of its own', async () => {
    const size = await page.evaluate(async (svg) => {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
      await image.decode();
      return image.naturalWidth;
    }, hostilePicture());
    expect(size).toBe(960);
  });

  test('says a hostile text and does not run it', async () => {
    const texts = await page.evaluate((svg) => {
      const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml');
      return Array.from(parsed.querySelectorAll('parsererror, script, text'), (element) =>
        element.localName === 'text' ? element.textContent : element.localName,
      );
    }, hostilePicture());
    expect(texts).not.toContain('parsererror');
    expect(texts).not.toContain('script');
    expect(texts.join(' ')).toContain(
      String.raw`</text></svg><script>alert(1)</script>&amp; "\x07\u{202e}\u{d800} ]]>`,
    );
  });

  test('no text is wider than its place', async () => {
    const pictures = timelines().map((timeline) =>
      heapSvg(TITLE.repeat(3), timeline, timeline.outcome.frame),
    );
    const wide = await page.evaluate((svgs) => {
      return svgs.flatMap((svg) => {
        document.body.innerHTML = svg.slice(svg.indexOf('<svg'));
        const picture = document.querySelector('svg');
        if (picture === null) return ['no picture'];
        const whole = picture.getBoundingClientRect();
        return Array.from(picture.querySelectorAll('text'))
          .filter((element) => {
            const face = element.parentElement?.querySelector(':scope > title ~ rect');
            const { left, right } = face?.getBoundingClientRect() ?? whole;
            const box = element.getBoundingClientRect();
            return box.left < left || box.right > right;
          })
          .map((element) => element.textContent);
      });
    }, pictures);
    expect(wide).toEqual([]);
  });
});
