// What a thread that helps with a check does with what it hears: it parses its part of the program, takes the rest
// from others, and explores what it is given.
import type { CallGraph } from '../flow/call-graph.ts';
import type { Explorer } from '../flow/explorer.ts';
import { inTurns } from '../in-turns.ts';
import { ownRows, stepsWithRows, withRows } from '../knowledge/row.ts';
import { linked } from '../prepare.ts';
import type { Parser } from '../syntax/parser.ts';
import type { FromHelper, ToHelper } from './messages.ts';
import { ParsedFiles } from './parsed-files.ts';
import { exploreComponents, explorerOf } from './part.ts';
import { ReportTexts } from './reports.ts';

export interface HelpOptions {
  readonly loadParser: (backend: Parser['backend']) => Promise<Parser>;
  readonly post: (message: FromHelper) => void;
  /** It cannot go on; what it has in hand is left. */
  readonly fail: (error: unknown) => void;
}

type Program = ToHelper & { readonly kind: 'program' };
type Task = ToHelper & { readonly kind: 'parse' | 'link' | 'explore' };

/** The program in view. */
interface View {
  readonly graph: CallGraph;
  readonly explorer: Explorer;
  readonly texts: ReportTexts;
}

/** Hears messages, the program first. */
export function help(options: HelpOptions): (message: ToHelper) => void {
  let helping: Helping | null = null;
  return (message) => {
    if (message.kind === 'program') helping = new Helping(message, options);
    else helping!.hear(message);
  };
}

class Helping {
  readonly #program: Program;
  readonly #rows: ReturnType<typeof ownRows>;
  readonly #files: ParsedFiles;
  readonly #post: HelpOptions['post'];
  readonly #fail: HelpOptions['fail'];
  readonly #parser: Promise<Parser>;
  #view: View | null = null;
  /** One task after the other. */
  #last: Promise<void>;

  constructor(program: Program, { loadParser, post, fail }: HelpOptions) {
    this.#program = program;
    this.#rows = ownRows(program.settings.functions);
    this.#files = new ParsedFiles(program.files);
    this.#post = post;
    this.#fail = fail;
    this.#parser = loadParser(program.parser);
    this.#last = this.#parser.then(() => post({ kind: 'ready', for: 'parse' }));
    this.#last.catch(fail);
  }

  hear(message: Exclude<ToHelper, Program>): void {
    if (message.kind === 'parsed') {
      this.#files.read(message.files);
      return;
    }
    this.#last = this.#last.then(() => this.#do(message));
    this.#last.catch(this.#fail);
  }

  async #do(task: Task): Promise<void> {
    switch (task.kind) {
      case 'parse':
        return this.#share(task.files);
      case 'link':
        return this.#link();
      case 'explore':
        return this.#explore(task.components);
    }
  }

  async #share(indexes: readonly number[]): Promise<void> {
    const own = await this.#parse(indexes);
    this.#post({ kind: 'parsed', files: this.#files.write(own) });
  }

  async #parse(indexes: readonly number[]): Promise<readonly number[]> {
    const steps = this.#files.parse(indexes, await this.#parser);
    return inTurns(stepsWithRows(this.#rows, steps));
  }

  async #link(): Promise<void> {
    const { files, settings } = this.#program;
    // What could not be handed over.
    await this.#parse(this.#files.missing());
    const parser = await this.#parser;
    this.#view = withRows(this.#rows, () => {
      const { graph } = linked(this.#files.all(), files, parser);
      return { graph, explorer: explorerOf(graph, settings), texts: new ReportTexts(graph) };
    });
    this.#post({ kind: 'ready', for: 'explore' });
  }

  async #explore(components: readonly number[]): Promise<void> {
    const { graph, explorer, texts } = this.#view!;
    const steps = exploreComponents(graph, explorer, components);
    const reports = await inTurns(stepsWithRows(this.#rows, steps));
    const written = withRows(this.#rows, () => texts.write(reports));
    this.#post({ kind: 'explored', components, reports: written });
  }
}
