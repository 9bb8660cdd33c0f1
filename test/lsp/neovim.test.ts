// A client that is not VS Code: Neovim without its screen, set up as docs/editors.md says, over the built command.
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, ROOT } from '../cli/built-cli.ts';

const missing = spawnSync('nvim', ['--version']).status !== 0;

/** Waits for what the server says of the open file, takes the first fix, and writes both down. */
const SESSION = `
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

describe.skipIf(missing)('Neovim', () => {
  let folder = '';
  beforeAll(() => {
    buildCli();
    folder = mkdtempSync(path.join(tmpdir(), 'pymem-lint-neovim-'));
    const program = path.join(folder, 'bin', 'pymem-lint');
    mkdirSync(path.dirname(program));
    const cli = path.join(ROOT, 'dist', 'cli.cjs');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
    chmodSync(program, 0o755);
    writeFileSync(
      path.join(folder, 'a.c'),
      '#include <Python.h>\nvoid f(void) {\n  char *p = PyMem_Malloc(8);\n  free(p);\n}\n',
    );
    writeFileSync(path.join(folder, 'session.lua'), SESSION);
    writeFileSync(path.join(folder, 'init.lua'), snippet('Neovim 0.7'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('shows the finding, takes its fix, and the finding goes', async () => {
    const commands = ['-u', 'init.lua', 'a.c', '-c', 'luafile session.lua'];
    const { stderr } = await promisify(execFile)('nvim', ['--headless', '--clean', ...commands], {
      cwd: folder,
      timeout: 60_000,
      env: { ...process.env, PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}` },
    });
    expect(stderr).toBe('');
    expect(JSON.parse(readFileSync(path.join(folder, 'result.json'), 'utf8'))).toEqual({
      told: [{ line: 4, code: 'mismatched-free', source: 'pymem-lint' }],
      title: expect.stringContaining('PyMem_Free'),
      after: '  PyMem_Free(p);',
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
