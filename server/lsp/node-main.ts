// Entry point of dist/server.cjs, the server inside the VS Code extension.
import { runServer } from './node.ts';

runServer();
