// Workspace files on disk, for the language server under Node.
import { readFile } from 'node:fs/promises';
import { glob } from 'tinyglobby';
import { URI } from 'vscode-uri';
import type { WorkspaceFiles } from './files.ts';

/** Other people's code, and copies of one's own. */
const IGNORED = [
  '**/node_modules/**',
  '**/.git/**',
  '**/.hg/**',
  '**/.venv/**',
  '**/venv/**',
  '**/.tox/**',
];

export const nodeFiles: WorkspaceFiles = {
  async list(folderUri) {
    const folder = URI.parse(folderUri);
    if (folder.scheme !== 'file') {
      throw new Error(`${folderUri} is not a folder on disk`);
    }
    const paths = await glob(['**/*.{c,h}'], {
      cwd: folder.fsPath,
      absolute: true,
      dot: true,
      ignore: IGNORED,
      followSymbolicLinks: false,
    });
    return paths.map((file) => URI.file(file).toString()).toSorted();
  },

  async read(uri) {
    return decode(await readFile(URI.parse(uri).fsPath));
  },
};

function decode(bytes: Buffer): string {
  const encoding = byteOrderMark(bytes);
  if (encoding === null && bytes.includes(0)) throw new Error('it is not text');
  try {
    return new TextDecoder(encoding ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    // One unit for each byte, so that columns stay right in ASCII code with comments in an old encoding.
    return new TextDecoder('latin1').decode(bytes);
  }
}

function byteOrderMark(bytes: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}
