// What the tools may look at: the folder that the server was started in and what lies below it, by real path.
// Checks run one after the other, over bounded amounts of text.
import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { type Analysis, analyze } from '../cli/analyze.ts';
import type { Product } from '../cli/check-run.ts';
import { UsageError } from '../cli/exit.ts';
import { findFiles } from '../cli/find-files.ts';
import { loadProject, NO_PROJECT_OPTIONS } from '../cli/load-project.ts';
import { findingAt, withSiblings } from '../cli/place.ts';
import { isReported, type Project } from '../config/project.ts';
import { displayPath } from '../files/c-files.ts';
import { disk } from '../files/disk.ts';
import { readSource } from '../files/read-source.ts';
import type { Finding } from '../finding.ts';

/** Beyond, a client waits too long for one answer. */
const MAX_FILES = 500;
/** UTF-8 bytes of the files of one check. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A file as it is on disk, or as its text would be. */
export interface Subject {
  readonly file: string;
  /** null: what is on disk. */
  readonly text: string | null;
}

export interface FindingPlace {
  /** From 1; null: the first finding. */
  readonly line: number | null;
  /** null: of any rule. */
  readonly rule: string | null;
}

export interface WorkspaceCheck {
  readonly analysis: Analysis;
  readonly project: Project;
}

export class Workspace {
  readonly cwd: string;
  readonly product: Product;
  #last: Promise<unknown> = Promise.resolve();

  constructor(cwd: string, product: Product) {
    this.cwd = realpathSync(cwd);
    this.product = product;
  }

  /** What a check of these files, folders and globs reports. Throws UsageError. */
  checkPaths(paths: readonly string[]): Promise<WorkspaceCheck> {
    return this.#check(paths, null, false);
  }

  /** What a check of one text under a name reports. Throws UsageError. */
  checkText(file: string, text: string): Promise<WorkspaceCheck> {
    return this.#check(['-'], { file, text }, false);
  }

  /** A file with those beside it, every rule at every confidence, comments not heeded. Throws UsageError. */
  examine({ file, text }: Subject): Promise<WorkspaceCheck> {
    const path = this.#below(file);
    if (text === null && !existsSync(path))
      throw new UsageError(`'${file}' does not exist below the working folder.`);
    const all = withSiblings(file, this.cwd).filter((each) =>
      this.#isBelow(resolve(this.cwd, each)),
    );
    if (text === null) return this.#check(all, null, true);
    const others = all.filter((other) => resolve(this.cwd, other) !== path);
    return this.#check(['-', ...others], { file, text }, true);
  }

  /** Of the file itself, nearest to the place. Throws UsageError where there is none. */
  findingIn(
    { analysis, project }: WorkspaceCheck,
    file: string,
    { line, rule }: FindingPlace,
  ): Finding {
    const path = this.#below(file);
    const own = analysis.result.findings.filter(({ at }) => resolve(this.cwd, at.file) === path);
    const wanted = own.filter((finding) => rule === null || finding.rule === rule);
    if (wanted.length === 0) {
      const of = rule === null ? '' : ` of ${rule}`;
      throw new UsageError(`${file} has no finding${of}: ask check which there are.`);
    }
    return findingAt(wanted, { file, line }, (one) => this.isShown(one, { project }));
  }

  /** Whether a check tells it. */
  isShown(finding: Finding, { project }: Pick<WorkspaceCheck, 'project'>): boolean {
    const settings = project.settingsOf(resolve(this.cwd, finding.at.file));
    return isReported(finding, settings, this.product.rules);
  }

  /** The text of a file on disk. Throws UsageError. */
  textOf(file: string): string {
    const source = readSource(this.#below(file));
    if (source.kind === 'text') return source.text;
    throw new UsageError(`'${file}': ${source.reason}.`);
  }

  async #check(
    paths: readonly string[],
    input: { readonly file: string; readonly text: string } | null,
    everything: boolean,
  ): Promise<WorkspaceCheck> {
    const onDisk = paths.filter((path) => path !== '-');
    for (const path of onDisk) this.#below(path);
    if (input !== null) this.#below(input.file);
    const project = loadProject(NO_PROJECT_OPTIONS, this.product.rules, this.cwd);
    this.#mustBeFew(findFiles(onDisk, this.cwd, { project, forceExclude: false }).files);
    const run = (): Promise<Analysis> =>
      analyze(
        {
          paths,
          cwd: this.cwd,
          input:
            input === null
              ? null
              : { file: input.file, bytes: new TextEncoder().encode(input.text) },
          project,
          texts: new Map(),
          forceExclude: false,
          parser: 'auto',
          rules: this.product.rules,
          everything,
          suppressions: everything ? null : { unused: false },
          cache: null,
          memory: null,
          concurrency: 1,
          mayRead: (path) => this.#isBelow(path),
          tell: () => undefined,
        },
        this.product.engine,
      );
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => undefined);
    return { analysis: await turn, project };
  }

  #mustBeFew(files: readonly string[]): void {
    const bytes = files.reduce((sum, path) => sum + sizeOf(path), 0);
    if (files.length <= MAX_FILES && bytes <= MAX_BYTES) return;
    const megabytes = Math.ceil(bytes / 1024 / 1024);
    throw new UsageError(
      `${files.length} files of ${megabytes} MB are too much for one call (at most ${MAX_FILES} files and ${MAX_BYTES / 1024 / 1024} MB): name folders further down, or run 'pymem-lint check'.`,
    );
  }

  /** Absolute. Throws UsageError for what is outside. */
  #below(path: string): string {
    const absolute = resolve(this.cwd, path);
    if (path.includes('\0') || !this.#isBelow(absolute)) {
      throw new UsageError(
        `'${displayPath(absolute, this.cwd)}' is not below the working folder: only what lies there can be looked at.`,
      );
    }
    return absolute;
  }

  /** Where links lead counts; of what does not exist, the deepest folder that does. */
  #isBelow(path: string): boolean {
    let existing = path;
    while (!existsSync(existing)) {
      const above = resolve(existing, '..');
      if (above === existing) return false;
      existing = above;
    }
    const inner = relative(this.cwd, realpathSync(existing));
    const named = relative(this.cwd, path);
    return [inner, named].every((each) => !/^\.\.(?:[/\\]|$)/.test(each) && !isAbsolute(each));
  }
}

function sizeOf(path: string): number {
  return disk.stat(path)?.size ?? 0;
}
