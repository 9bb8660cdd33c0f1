// Entry point of dist/server.cjs, the server inside the VS Code extension. One .vsix runs everywhere,
// so the parser is the wasm one.
import { runServer } from './node.ts';

runServer({ backend: 'wasm' });
