// Clients that are not VS Code: editors without their screen, set up as docs/editors.md says, over the built command.
import { type ExecFileOptions, execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildCli, ROOT } from '../cli/built-cli.ts';
import { needs } from '../needs.ts';

const EMACS_READY = '(progn (package-initialize) (require (quote eglot)))';
const runs = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args).status === 0;

let folder = '';
beforeAll(() => {
  buildCli();
  folder = mkdtempSync(path.join(tmpdir(), 'pymem-lint-editors-'));
  const program = path.join(folder, 'bin', 'pymem-lint');
  mkdirSync(path.dirname(program));
  const cli = path.join(ROOT, 'dist', 'cli.cjs');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  chmodSync(program, 0o755);
});
beforeEach(() => {
  writeFileSync(
    path.join(folder, 'a.c'),
    '#include <Python.h>\nvoid f(void) {\n  char *p = PyMem_Malloc(8);\n  free(p);\n}\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function options(): ExecFileOptions {
  const PATH = `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
  return { cwd: folder, timeout: 60_000, env: { ...process.env, PATH } };
}

function result(): unknown {
  return JSON.parse(readFileSync(path.join(folder, 'result.json'), 'utf8'));
}

/** Waits for what the server says of the open file, takes the first fix, and writes both down. */
const IN_NEOVIM = `
vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 20)
local told = vim.tbl_map(function(each)
  return { line = each.lnum + 1, code = each.code, source = each.source }
end, vim.diagnostic.get(0))
local place = { line = 3, character = 2 }
local answers = vim.lsp.buf_request_sync(0, 'textDocument/codeAction', {
  textDocument = vim.lsp.util.make_text_document_params(0),
  range = { start = place, ['end'] = place },
  context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(0, 3) },
}, 20000)
local _, answer = next(answers)
vim.lsp.util.apply_workspace_edit(answer.result[1].edit, 'utf-16')
local after = vim.api.nvim_buf_get_lines(0, 3, 4, true)
local gone = vim.wait(20000, function() return #vim.diagnostic.get(0) == 0 end, 20)
local result = { told = told, title = answer.result[1].title, after = after[1], gone = gone }
vim.fn.writefile({ vim.fn.json_encode(result) }, 'result.json')
vim.cmd('qa!')
`;

needs('nvim', runs('nvim', '--version')).describe('Neovim', () => {
  test('shows the finding, takes its fix, and the finding goes', async () => {
    writeFileSync(path.join(folder, 'session.lua'), IN_NEOVIM);
    writeFileSync(path.join(folder, 'init.lua'), snippet('Neovim 0.7'));
    const commands = ['-u', 'init.lua', 'a.c', '-c', 'luafile session.lua'];
    const nvim = promisify(execFile)('nvim', ['--headless', '--clean', ...commands], options());
    expect((await nvim).stderr).toBe('');
    expect(result()).toEqual({
      told: [{ line: 4, code: 'mismatched-free', source: 'pymem-lint' }],
      title: expect.stringContaining('PyMem_Free'),
      after: '  PyMem_Free(p);',
      gone: true,
    });
  });
});

/** The same; Emacs asks which fix, and an empty answer takes the one it offers. */
const IN_EMACS = `
(require 'eglot)
(require 'json)
(defun wait-for (condition)
  (let ((end (+ (float-time) 20)))
    (while (and (not (funcall condition)) (< (float-time) end))
      (accept-process-output nil 0.05))
    (funcall condition)))
(setq eglot-sync-connect t)
(find-file "a.c")
(call-interactively 'eglot)
(let ((told (wait-for 'flymake-diagnostics)) (last-nonmenu-event ?x))
  (goto-char (flymake-diagnostic-beg (car told)))
  (call-interactively 'eglot-code-actions)
  (save-buffer)
  (let ((result (list (cons 'told (vconcat (mapcar 'flymake-diagnostic-text told)))
                      (cons 'line (line-number-at-pos))
                      (cons 'after (string-trim (thing-at-point 'line)))
                      (cons 'gone (wait-for (lambda () (null (flymake-diagnostics))))))))
    (with-temp-file "result.json" (insert (json-encode result)))))
`;

needs('emacs with eglot', runs('emacs', '--batch', '--eval', EMACS_READY)).describe('Emacs', () => {
  test('shows the finding, takes its fix, and the finding goes', async () => {
    writeFileSync(path.join(folder, 'session.el'), IN_EMACS);
    writeFileSync(path.join(folder, 'init.el'), snippet('Emacs, eglot'));
    const emacs = ['--batch', '-f', 'package-initialize', '-l', 'init.el', '-l', 'session.el'];
    const running = promisify(execFile)('emacs', emacs, options());
    running.child.stdin?.end('\n');
    await running;
    expect(result()).toEqual({
      told: [
        expect.stringContaining("[mismatched-free]: 'p' from PyMem_Malloc is released by free"),
      ],
      line: 4,
      after: 'PyMem_Free(p);',
      gone: true,
    });
  });
});

/** The code of docs/editors.md below a line that begins with these words. */
function snippet(words: string): string {
  const text = readFileSync(path.join(ROOT, 'docs', 'editors.md'), 'utf8');
  const [, code = ''] = /```\w+\n([\s\S]*?)```/.exec(text.slice(text.indexOf(`\n${words}`))) ?? [];
  return code;
}
