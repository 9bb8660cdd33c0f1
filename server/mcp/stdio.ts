// The tools as a server of the Model Context Protocol on standard input and output. A bundle of its own, so that no
// other command loads the SDK; the only file that knows it.
import { once } from 'node:events';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Tool } from './tool.ts';

const INSTRUCTIONS =
  'Memory defects of CPython C extensions. check finds them, explain says why they are wrong, replay shows on a ' +
  'simulated heap what they do, verify_fix holds a repair against the finding before it is written.';

/** `messageOf`: what a client is told of an error. Runs until the client closes standard input. */
export async function serveMcp(
  tools: readonly Tool[],
  version: string,
  messageOf: (error: unknown) => string,
): Promise<void> {
  const { server } = new McpServer(
    { name: 'pymem-lint', version },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools.map(({ name, title, description, inputSchema }) => ({
      name,
      title,
      description,
      inputSchema: { ...inputSchema, type: 'object' as const },
      annotations: { readOnlyHint: true, openWorldHint: false },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const tool = tools.find(({ name }) => name === params.name);
    if (tool === undefined) {
      const names = tools.map(({ name }) => name).join(', ');
      return failed(`There is no tool '${params.name}': there are ${names}.`);
    }
    try {
      const result = await tool.call(params.arguments);
      const text = JSON.stringify(result);
      return { content: [{ type: 'text' as const, text }], structuredContent: { ...result } };
    } catch (error) {
      return failed(messageOf(error));
    }
  });
  // Not closed then: what was asked before is still answered.
  const ended = once(process.stdin, 'end');
  await server.connect(new StdioServerTransport());
  await ended;
}

function failed(text: string) {
  return { isError: true, content: [{ type: 'text' as const, text }] };
}
