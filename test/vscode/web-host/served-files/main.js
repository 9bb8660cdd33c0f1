// A file system of VS Code whose files are on the server that serves the page: what a web extension has instead
// of a disk. Reading, and writing of files in folders that exist.
const vscode = require('vscode');

exports.activate = (context) => {
  const changes = new vscode.EventEmitter();
  const ask = async (uri, what, options) => {
    const address = new URL(`/${what}${uri.path}`, `http://${uri.authority}`);
    const response = await fetch(address, options);
    if (!response.ok) throw vscode.FileSystemError.FileNotFound(uri);
    return response;
  };
  const provider = {
    onDidChangeFile: changes.event,
    watch: () => ({ dispose() {} }),
    stat: async (uri) => (await ask(uri, 'stat')).json(),
    readDirectory: async (uri) => (await ask(uri, 'list')).json(),
    readFile: async (uri) => new Uint8Array(await (await ask(uri, 'read')).arrayBuffer()),
    writeFile: async (uri, body) => {
      await ask(uri, 'write', { method: 'PUT', body });
      changes.fire([{ type: vscode.FileChangeType.Changed, uri }]);
    },
    createDirectory: (uri) => Promise.reject(vscode.FileSystemError.NoPermissions(uri)),
    delete: (uri) => Promise.reject(vscode.FileSystemError.NoPermissions(uri)),
    rename: (uri) => Promise.reject(vscode.FileSystemError.NoPermissions(uri)),
  };
  context.subscriptions.push(
    vscode.workspace.registerFileSystemProvider('served', provider, { isCaseSensitive: true }),
  );
};
