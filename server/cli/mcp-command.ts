// `pymem-lint mcp`: loads the server of the Model Context Protocol, which is a bundle beside this one, and hands
// it the tools.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { mcpTools } from '../mcp/tools.ts';
import { errorMessage } from '../reason-of.ts';
import type { Product } from './check-run.ts';
import { UsageError } from './exit.ts';

interface McpBundle {
  readonly serveMcp: typeof import('../mcp/stdio.ts')['serveMcp'];
}

/** `dist`: the folder of the built bundles. Runs until the client leaves. Throws UsageError when they are not built. */
export async function mcpCommand(product: Product, dist: string, cwd: string): Promise<void> {
  const file = join(dist, 'mcp.cjs');
  if (!existsSync(file)) throw new UsageError(`${file} is missing: install pymem-lint again.`);
  const bundle: McpBundle = createRequire(import.meta.url)(file);
  await bundle.serveMcp(mcpTools(cwd, product), product.version, messageOf);
}

/** A stack trace is of no use to a client. */
function messageOf(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  return `Internal error: ${errorMessage(error)}`;
}
