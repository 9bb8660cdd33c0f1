// The files that steps of a check hand to each other: how they are named, read and written.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type IndexedFile, readIndex } from '../parts/index-file.ts';
import type { Plan } from '../parts/plan.ts';
import { reasonOf } from '../reason-of.ts';
import { UsageError } from './exit.ts';
import { readTextOrFail, writeFileOrFail } from './user-files.ts';

/** By their ends: `.idx` of step index, `.plan` of step link, `.report` of step check. */
export const SUFFIXES = { index: '.idx', plan: '.plan', report: '.report' } as const;

export interface ListedFile {
  readonly path: string;
  readonly kind: 'index' | 'report';
}

/** Names, where `@list` stands for the lines of that file. Throws UsageError for a name with another end. */
export function listedFiles(names: readonly string[], cwd: string): readonly ListedFile[] {
  return withLists(names, cwd).map((path) => {
    if (path.endsWith(SUFFIXES.index)) return { path, kind: 'index' };
    if (path.endsWith(SUFFIXES.report)) return { path, kind: 'report' };
    throw new UsageError(`'${path}' is neither an index (.idx) nor a report (.report) of a step.`);
  });
}

/** With the lines of the file in place of `@file`. */
export function withLists(names: readonly string[], cwd: string): readonly string[] {
  return names.flatMap((name) => {
    if (!name.startsWith('@')) return [name];
    const lines = readTextOrFail(name.slice(1), cwd).split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  });
}

/** Throws UsageError when it cannot be read, or is not what `step index` writes. */
export function readIndexFile(path: string, cwd: string): IndexedFile {
  const text = readTextOrFail(path, cwd);
  try {
    return readIndex(text);
  } catch {
    throw new UsageError(`'${path}' is no index: write it with step index.`);
  }
}

/** Throws UsageError when it cannot be read, or is not what `step link` writes. */
export function readPlanFile(path: string, cwd: string): Plan {
  const text = readTextOrFail(path, cwd);
  try {
    const plan: unknown = JSON.parse(text);
    if (isPlan(plan)) return plan;
  } catch {
    // It is no JSON.
  }
  throw new UsageError(`'${path}' is no plan: write it with step link.`);
}

function isPlan(value: unknown): value is Plan {
  return typeof value === 'object' && value !== null && 'facts' in value && 'own' in value;
}

/** What has not changed is not written: its time tells the build engine so. Throws UsageError. */
export function writeIfChanged(file: string, text: string, cwd: string): void {
  const path = resolve(cwd, file);
  try {
    if (readFileSync(path, 'utf8') === text) return;
  } catch {
    // It is not there yet.
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw new UsageError(`cannot write '${file}': ${reasonOf(error)}`);
  }
  writeFileOrFail(file, text, cwd);
}
