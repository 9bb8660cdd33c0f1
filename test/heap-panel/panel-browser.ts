// The heap panel in a real browser: bundled as the product bundles it, in the page the command line
// writes (with its policy) or in a page that plays VS Code's webview.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { pageParts } from '../../server/cli/page-bundles.ts';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { heapPage } from '../../simulator/heap-page.ts';
import { readFlaggedPath } from '../../simulator/read-path.ts';
import { needs } from '../needs.ts';

const ROOT = join(import.meta.dirname, '../..');
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...(named === undefined ? [] : [named]), ...found].find((file) => existsSync(file));
}

export function needsChromium(): ReturnType<typeof needs> {
  const why = 'install the package chromium, or set CHROMIUM';
  return needs('Chromium', findChromium() !== undefined, why);
}

export interface Bundle {
  readonly script: string;
  readonly style: string;
}

export async function bundle(): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: ['main.tsx', 'heap-panel.css'].map((name) =>
      join(ROOT, 'client/heap-panel', name),
    ),
    bundle: true,
    write: false,
    outdir: 'dist',
    format: 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    target: 'es2022',
  });
  const text = (end: string): string =>
    outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium() ?? NAMES[0], args: ['--no-sandbox'] });
}

export function pathNamed(name: string): FlaggedPath {
  const file = join(ROOT, 'test/replay/paths', `${name}.json`);
  return readFlaggedPath(JSON.parse(readFileSync(file, 'utf8')));
}

export interface View {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

/** The self-contained page. */
export async function openExport(
  browser: Browser,
  { script, style }: Bundle,
  { path, view }: { readonly path: FlaggedPath; readonly view: View },
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const { page, complaints } = await newPage(browser, view);
  const title = 'memory of PyMem_Malloc is released by free()';
  await page.setContent(heapPage({ title, path }, pageParts(script, style)));
  return { page, complaints };
}

/** What VS Code's dark theme sets, as far as the panel reads it. */
const THEMES = {
  'vscode-dark': {
    'editor-background': '#1f1f1f',
    foreground: '#cccccc',
    descriptionForeground: '#9d9d9d',
    focusBorder: '#0078d4',
    'textLink-foreground': '#4daafc',
    'editorWidget-background': '#202020',
    'list-activeSelectionBackground': '#04395e',
    'list-activeSelectionForeground': '#ffffff',
    'panel-border': '#2b2b2b',
  },
  'vscode-light': {
    'editor-background': '#ffffff',
    foreground: '#3b3b3b',
    descriptionForeground: '#3b3b3b',
    focusBorder: '#005fb8',
    'textLink-foreground': '#005fb8',
    'editorWidget-background': '#f8f8f8',
    'list-activeSelectionBackground': '#e8e8e8',
    'list-activeSelectionForeground': '#000000',
    'panel-border': '#e5e5e5',
  },
  'vscode-high-contrast': {
    'editor-background': '#000000',
    foreground: '#ffffff',
    descriptionForeground: '#ffffff',
    focusBorder: '#f38518',
    'textLink-foreground': '#21a6ff',
    'editorWidget-background': '#0c141f',
    contrastBorder: '#6fc3df',
    'button-secondaryBackground': '#000000',
    'button-secondaryForeground': '#ffffff',
  },
} as const;

export type Theme = keyof typeof THEMES;
export const THEME_NAMES = ['vscode-dark', 'vscode-light', 'vscode-high-contrast'] as const;

/** A page as VS Code's webview makes it: `window.posted` keeps what the panel posts. */
export async function openWebview(
  browser: Browser,
  { script, style }: Bundle,
  { theme, state, view }: { readonly theme: Theme; readonly state: unknown; readonly view: View },
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const { page, complaints } = await newPage(browser, view);
  const variables = Object.entries(THEMES[theme]).map(
    ([name, value]) => `--vscode-${name}:${value}`,
  );
  const api = `
    window.posted = []; let state = ${JSON.stringify(state)};
    window.savedState = () => state;
    window.acquireVsCodeApi = () => ({
      postMessage: (message) => window.posted.push(message),
      getState: () => state,
      setState: (next) => { state = next; },
    });`;
  const nonce = 'bm9uY2U=';
  await page.setContent(`<!doctype html><html lang="en"><head><title>Simulated Crash</title>
    <meta http-equiv="Content-Security-Policy"
      content="default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'">
    <style nonce="${nonce}">:root{${variables.join(';')}} ${style}</style></head>
    <body class="${theme}"><div id="root"></div>
    <script nonce="${nonce}">${api}</script><script nonce="${nonce}">${script}</script></body></html>`);
  return { page, complaints };
}

/** Collects what the browser complains about. */
export async function newPage(
  browser: Browser,
  { width, colorScheme }: View,
): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  return { page, complaints };
}
