// The source files of a path as the debugger names them. A file that is not there any more is shown as the lines
// that the path remembers; so is the code that runs after the path.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { URI } from 'vscode-uri';
import { baseName } from '../../simulator/place-text.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import { type FunctionLines, functionAt, functionsIn } from './function-names.ts';

const AFTERMATH_NAME = 'aftermath (simulated)';

interface SourceFile {
  /** As the path names it. */
  readonly file: string;
  /** A path, or a URI where it has another scheme. */
  readonly location: string;
  /** 0: the client can open it. */
  readonly reference: number;
  readonly text: string;
  readonly functions: readonly FunctionLines[];
}

export class SourceFiles {
  readonly #files: readonly SourceFile[];
  /** Innocent code, the one that counts last; their references follow those of the files. */
  readonly #aftermaths: readonly string[];

  private constructor(files: readonly SourceFile[], aftermaths: readonly string[]) {
    this.#files = files;
    this.#aftermaths = aftermaths;
  }

  /** `readText` rejects for a file that is not there. */
  static async of(
    timeline: Timeline,
    root: string | undefined,
    readText: (file: string) => Promise<string>,
  ): Promise<SourceFiles> {
    const { path } = timeline;
    const names = [...new Set(path.steps.map(({ at }) => at.file))];
    const files = names.map(async (file, index): Promise<SourceFile> => {
      const location = locate(file, root);
      try {
        const text = await readText(location);
        return { file, location, reference: 0, text, functions: functionsIn(text) };
      } catch {
        return {
          file,
          location,
          reference: index + 1,
          text: remembered(path, file),
          functions: [],
        };
      }
    });
    return new SourceFiles(await Promise.all(files), [innocentCode(timeline)]);
  }

  /** The same files, where another replay of the path is looked at. */
  on(timeline: Timeline): SourceFiles {
    return new SourceFiles(this.#files, [...this.#aftermaths, innocentCode(timeline)]);
  }

  /** How the protocol names a file of the path. */
  source(file: string): DebugProtocol.Source {
    const found = this.#files.find((each) => each.file === file);
    if (found === undefined) return { name: baseName(file) };
    const { location: path, reference } = found;
    const name = baseName(file);
    return reference === 0
      ? { name, path }
      : { name, path, sourceReference: reference, origin: 'lines of the flagged path' };
  }

  get aftermath(): DebugProtocol.Source {
    const sourceReference = this.#files.length + this.#aftermaths.length;
    return { name: AFTERMATH_NAME, sourceReference, origin: 'simulated' };
  }

  get all(): readonly DebugProtocol.Source[] {
    return this.#files.map(({ file }) => this.source(file));
  }

  /** The file of the path that the client means; null: the path does not come there. */
  fileOf({ path, sourceReference = 0 }: DebugProtocol.Source): string | null {
    const found = this.#files.find((each) =>
      sourceReference > 0
        ? each.reference === sourceReference
        : path !== undefined && locationKey(each.location) === locationKey(path),
    );
    return found?.file ?? null;
  }

  /** The text behind a reference; null: no such source. */
  text(reference: number): string | null {
    const aftermath = this.#aftermaths[reference - this.#files.length - 1];
    if (aftermath !== undefined) return aftermath;
    return this.#files.find((each) => each.reference === reference && reference > 0)?.text ?? null;
  }

  /** `line`: from 1. null: not known. */
  functionAt(file: string, line: number): string | null {
    const found = this.#files.find((each) => each.file === file);
    return found === undefined ? null : functionAt(found.functions, line);
  }
}

/** A line for each frame after the path. */
function innocentCode({ frames }: Timeline): string {
  const innocent = frames.filter(({ kind }) => kind === 'aftermath');
  return innocent.map(({ title }) => title).join('\n');
}

/** The lines that a path remembers of a file, each at its number. */
function remembered({ steps }: Timeline['path'], file: string): string {
  const lines: string[] = [];
  for (const { at, text } of steps)
    if (at.file === file && at.line >= 1 && at.line <= MAX_LINES) lines[at.line - 1] = text;
  return Array.from(lines, (line) => line ?? '').join('\n');
}

/** A line number from a broken file must not become as many lines. */
const MAX_LINES = 200_000;

/** Two letters at least make a scheme: `C:\x.c` is a path. */
function isUri(file: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(file);
}

/** A path or URI; a relative one is taken from `root`. */
export function locate(file: string, root: string | undefined): string {
  if (isUri(file)) return file.startsWith('file:') ? URI.parse(file).fsPath : file;
  const isAbsolute = /^(?:[/\\]|[A-Za-z]:[/\\])/.test(file);
  return isAbsolute || root === undefined || root === ''
    ? file
    : `${root.replace(/[/\\]$/, '')}/${file}`;
}

/** The same for each way to write a location. */
function locationKey(location: string): string {
  return (isUri(location) ? URI.parse(location) : URI.file(location)).toString();
}
