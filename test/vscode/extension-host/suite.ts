// Runs inside VS Code's extension host, beside the installed extension: VS Code loads it and calls run(). Each case is an
// exported function of the list; the outcome of each goes to the file that PYMEM_LINT_SUITE_RESULTS names.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { sessionEvents } from './session-events.ts';

const EXTENSION = 'pymem-lint.pymem-lint';
const SOURCE = 'pymem-lint';
/** What should come at once may take this long on a busy machine. */
const PATIENCE_MS = 60_000;

export interface Outcome {
  readonly name: string;
  readonly error: string | null;
}

const FREED_BY_ANOTHER = '#include <Python.h>\nvoid f(void)\n{\n    free(PyMem_Malloc(8));\n}\n';

/** By what they show; in order, because the first ones need a window without a C file. */
const CASES: Readonly<Record<string, () => Promise<void>>> = {
  'sleeps until a C file is opened': async () => {
    const text = await vscode.workspace.openTextDocument({ content: 'x', language: 'plaintext' });
    await vscode.window.showTextDocument(text);
    assert.equal(extension().isActive, false);
  },

  'wakes up with a C file': async () => {
    await show('clean.c', 'int x;\n');
    await until('an active extension', () => extension().isActive);
  },

  'starts no server for C that has nothing to do with Python': async () => {
    const { uri } = await show(
      'plain.c',
      '#include <stdlib.h>\n\nvoid f(void)\n{\n    void *p = malloc(8);\n    free(p);\n}\n',
    );
    await replace(uri, new vscode.Range(5, 12, 5, 12), '\n    free(p);');
    assert.match(await debugInfo(), /^server: not started, waits for .*setup\.py/m);
    assert.deepEqual(serverProcesses(), []);
    assert.deepEqual(findings(uri), []);
  },

  'starts the server when the text comes to use Python': async () => {
    const uri = fileUri('plain.c');
    await replace(uri, new vscode.Range(1, 0, 1, 0), '#include <Python');
    assert.match(await debugInfo(), /^server: not started/m);
    await replace(uri, new vscode.Range(1, 16, 1, 16), '.h>');
    await until('the finding', () => findings(uri).length === 1);
    assert.equal(serverProcesses().length, 1);
    assert.match(await debugInfo(), /^server: Running /m);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await vscode.workspace.fs.delete(uri);
  },

  'registers every command of its manifest': async () => {
    const manifest: Manifest = extension().packageJSON;
    const registered = await vscode.commands.getCommands(true);
    const declared = manifest.contributes.commands.map(({ command }) => command);
    assert.deepEqual(
      declared.filter((command) => !registered.includes(command)),
      [],
    );
    assert.ok(declared.length > 0);
  },

  'takes no key that VS Code has given to something else': async () => {
    const uri = vscode.Uri.parse('vscode://defaultsettings/keybindings.json');
    const defaults = (await vscode.workspace.openTextDocument(uri)).getText();
    const bindings = defaults.matchAll(/"key": "([^"]+)",\s*"command": "([^"]+)"/g);
    const taken = new Set(
      Array.from(bindings, ([, key, command]) => (command?.startsWith(SOURCE) ? '' : key)),
    );
    assert.ok(taken.has('f12'), defaults.slice(0, 500));
    const manifest: Manifest = extension().packageJSON;
    const { keybindings } = manifest.contributes;
    assert.deepEqual(
      keybindings.filter(({ key }) => taken.has(key)),
      [],
    );
    assert.ok(keybindings.length > 0);
  },

  'finds in every file what the command line finds': async () => {
    for (const [file, lines] of Object.entries(expectedLines())) {
      const document = await vscode.workspace.openTextDocument(file);
      await vscode.window.showTextDocument(document);
      await until(`${lines.length} findings in ${file}`, () => {
        const found = findings(document.uri).map(({ range }) => range.start.line + 1);
        return found.toSorted(byValue).join() === [...lines].toSorted(byValue).join();
      });
    }
  },

  'gives each finding its rule, a link to it and its path': async () => {
    const found = vscode.languages.getDiagnostics().flatMap(([, list]) => list.filter(isOurs));
    assert.ok(found.length > 0);
    for (const finding of found) {
      assert.ok(typeof finding.code === 'object', `${finding.message}: no link`);
      assert.match(String(finding.code.value), /^[a-z]+(-[a-z]+)*$/);
      assert.ok(finding.relatedInformation?.length, `${finding.message}: no path`);
    }
  },

  'forgets a finding that is edited away, and finds it again': async () => {
    const { uri } = await show(
      'edited.c',
      '#include <Python.h>\nvoid f(void)\n{\n    char *p = PyMem_Malloc(8);\n    free(p);\n}\n',
    );
    await until('one finding', () => findings(uri).length === 1);
    const at = findings(uri)[0]?.range;
    assert.ok(at);
    await replace(uri, new vscode.Range(4, 4, 4, 8), 'PyMem_Free');
    await until('no finding', () => findings(uri).length === 0);
    await replace(uri, new vscode.Range(4, 4, 4, 14), 'free');
    await until('the finding again', () => findings(uri).length === 1);
    assert.deepEqual(findings(uri)[0]?.range, at);
  },

  'offers a quick fix that makes the finding go': async () => {
    const uri = fileUri('edited.c');
    const range = findings(uri)[0]?.range;
    assert.ok(range);
    const actions = await quickFixes(uri, range);
    const edit = actions.find(({ title }) => title.includes('PyMem_Free'))?.edit;
    assert.ok(edit, `no fix among ${actions.map(({ title }) => title).join(', ')}`);
    assert.ok(await vscode.workspace.applyEdit(edit));
    await until('no finding', () => findings(uri).length === 0);
  },

  'fixes all of a file by one command': async () => {
    const { uri } = await show(
      'all.c',
      '#include <Python.h>\nvoid f(void)\n{\n    char *p = PyMem_Malloc(8), *q = PyMem_Malloc(9);\n' +
        '    free(p);\n    free(q);\n}\n',
    );
    await until('two findings', () => findings(uri).length === 2);
    // VS Code cancels the question while the document settles: it is asked again then.
    await until(
      'no finding',
      () => findings(uri).length === 0,
      () => vscode.commands.executeCommand('pymem-lint.fixAll'),
    );
    await vscode.workspace.saveAll();
  },

  'goes on with a new server when the old one is killed': async () => {
    const { uri } = await show(
      'killed.c',
      '#include <Python.h>\nvoid f(void)\n{\n    char *p = PyMem_Malloc(8);\n    free(p);\n}\n',
    );
    await until('one finding', () => findings(uri).length === 1);
    const [old, ...others] = serverProcesses();
    assert.ok(old !== undefined && others.length === 0, 'not one server');
    process.kill(old, 'SIGKILL');
    await until('another server', () => serverProcesses().some((pid) => pid !== old));
    await until('the finding, once', () => findings(uri).length === 1);
    // The new server knows the text that is open, and what becomes of it.
    await replace(uri, new vscode.Range(4, 4, 4, 8), 'PyMem_Free');
    await until('no finding', () => findings(uri).length === 0);
    await replace(uri, new vscode.Range(4, 4, 4, 14), 'free');
    await until('the finding again', () => findings(uri).length === 1);
    assert.equal(serverProcesses().length, 1);
  },

  'copies what a bug report should hold, and no text of a file': async () => {
    const copied = await debugInfo();
    const { version }: { version: string } = extension().packageJSON;
    assert.ok(copied.startsWith(`PyMem Lint ${version}\n`), copied);
    assert.match(copied, /^server: Running /m);
    assert.match(copied, /^start: activation \d+ ms, server \d+ ms$/m);
    assert.match(copied, /^last check: \d+ findings? in \d+ ms/m);
    assert.doesNotMatch(copied, /PyMem_Malloc/);
  },

  'shows the memory of a debug session as a file, as a hex editor reads it': async () => {
    const [file = ''] = Object.keys(expectedLines()).filter((name) => name.includes('wordbag.c'));
    const document = await vscode.workspace.openTextDocument(file);
    const editor = await vscode.window.showTextDocument(document);
    await until('the finding', () => findings(document.uri).some(isFold));
    const at = findings(document.uri).find(isFold)?.range.start;
    assert.ok(at);
    editor.selection = new vscode.Selection(at, at);
    const { heard, dispose } = sessionEvents(SOURCE);
    await vscode.commands.executeCommand('pymem-lint.debugSimulatedCrash');
    await until('a session that stands', () => heard('stopped') === 1);
    await until('the session', () => vscode.debug.activeDebugSession !== undefined);
    const session = vscode.debug.activeDebugSession;
    assert.ok(session);
    // A button would do nothing before the editor knows of the stop.
    await session.customRequest('next', { threadId: 1 });
    await until('a step', () => heard('stopped') === 2);
    const text: MemoryVariable = await session.customRequest('evaluate', { expression: 'text' });
    const memory = vscode.Uri.from({
      scheme: 'vscode-debug-memory',
      authority: session.id,
      path: `/${encodeURIComponent(text.memoryReference)}/memory.bin`,
    });
    const read = async (from: number, to: number): Promise<string> => {
      const bytes = await vscode.workspace.fs.readFile(
        memory.with({ query: `?range=${from}:${to}` }),
      );
      return new TextDecoder('latin1').decode(bytes);
    };
    assert.equal(await read(0, 16), 'aAAAAAAAaAAAAAAA');
    assert.equal(await read(8, 12), 'aAAA');
    await session.customRequest('stepBack', { threadId: 1 });
    // An open hex editor reads again.
    await until('other memory', () => heard('memory') > 0);
    // What the block held before it was handed out.
    assert.doesNotMatch(await read(0, 16), /A/);
    await vscode.debug.stopDebugging(session);
    await until('the end', () => vscode.debug.activeDebugSession === undefined);
    dispose();
  },

  'replays a finding of a file that has just been opened': async () => {
    await show('fresh.c', FREED_BY_ANOTHER);
    const { heard, dispose } = sessionEvents(SOURCE);
    // At once: nothing has been found in it yet.
    await vscode.commands.executeCommand('pymem-lint.debugSimulatedCrash');
    await until('a session that stands', () => heard('stopped') === 1);
    await vscode.debug.stopDebugging(vscode.debug.activeDebugSession);
    await until('the end', () => vscode.debug.activeDebugSession === undefined);
    dispose();
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await vscode.workspace.fs.delete(fileUri('fresh.c'));
  },

  'checks a folder with the files in it that nobody has opened': async () => {
    const names = ['closed/one.c', 'closed/below/two.c', 'beside.c'];
    const [one, two, beside] = await Promise.all(
      names.map((name) => write(name, FREED_BY_ANOTHER)),
    );
    await vscode.commands.executeCommand('pymem-lint.lintFolder', fileUri('closed'));
    await until('the findings', () => [one, two].every((uri) => findings(uri!).length === 1));
    assert.equal(findings(beside!).length, 0);
    await vscode.workspace.fs.delete(fileUri('closed'), { recursive: true });
    await until('no findings', () => [one, two].every((uri) => findings(uri!).length === 0));
  },

  'drops the findings of a deleted file': async () => {
    const { uri } = await show('deleted.c', FREED_BY_ANOTHER);
    await until('one finding', () => findings(uri).length === 1);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await vscode.workspace.fs.delete(uri);
    await until('no finding', () => findings(uri).length === 0);
  },
};

export async function run(): Promise<void> {
  const outcomes: Outcome[] = [];
  for (const [name, body] of Object.entries(CASES)) {
    try {
      await body();
      outcomes.push({ name, error: null });
    } catch (error) {
      outcomes.push({
        name,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  }
  fs.writeFileSync(environment('PYMEM_LINT_SUITE_RESULTS'), JSON.stringify(outcomes));
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly keybindings: readonly { readonly key: string }[];
  };
}

/** Lines of the findings, from 1, by file. */
function expectedLines(): Readonly<Record<string, readonly number[]>> {
  return JSON.parse(environment('PYMEM_LINT_SUITE_EXPECTED'));
}

function environment(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension(EXTENSION);
  assert.ok(found, `${EXTENSION} is not installed`);
  return found;
}

function fileUri(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  return vscode.Uri.joinPath(folder.uri, name);
}

async function write(name: string, text: string): Promise<vscode.Uri> {
  const uri = fileUri(name);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return uri;
}

async function show(name: string, text: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(await write(name, text));
  await vscode.window.showTextDocument(document);
  return document;
}

async function replace(uri: vscode.Uri, range: vscode.Range, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, range, text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

async function debugInfo(): Promise<string> {
  await vscode.commands.executeCommand('pymem-lint.copyDebugInfo');
  return vscode.env.clipboard.readText();
}

function findings(uri: vscode.Uri): readonly vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(isOurs);
}

/** VS Code cancels the question while the document or its diagnostics settle: it is asked again then. */
async function quickFixes(
  uri: vscode.Uri,
  range: vscode.Range,
): Promise<readonly vscode.CodeAction[]> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    try {
      return await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        uri,
        range,
        vscode.CodeActionKind.QuickFix.value,
      );
    } catch (error) {
      if (!String(error).includes('Canceled') || Date.now() > end) throw error;
    }
  }
}

/** Of the example's function that fills the block it gets. */
function isFold(diagnostic: vscode.Diagnostic): boolean {
  return diagnostic.message.startsWith("'text' from the");
}

interface MemoryVariable {
  readonly memoryReference: string;
}

function isOurs(diagnostic: vscode.Diagnostic): boolean {
  return diagnostic.source === SOURCE;
}

/** Processes of the language server that this extension host has started. */
function serverProcesses(): readonly number[] {
  return fs.readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const parent = /^PPid:\s+(\d+)$/m.exec(fs.readFileSync(`/proc/${name}/status`, 'utf8'))?.[1];
      const command = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return Number(parent) === process.pid && command.includes('server.cjs') ? [Number(name)] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

function byValue(left: number, right: number): number {
  return left - right;
}

/** `again`: done each time before it is looked again. */
async function until(
  what: string,
  holds: () => boolean,
  again: () => Thenable<unknown> = () => Promise.resolve(),
): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !holds(); await sleep(50)) {
    if (Date.now() > end) throw new Error(`waited ${PATIENCE_MS} ms in vain for ${what}`);
    await again();
  }
}
