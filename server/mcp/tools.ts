// The tools of `pymem-lint mcp`, over one folder.
import type { Product } from '../cli/check-run.ts';
import { checkTool } from './check-tool.ts';
import { explainTool } from './explain-tool.ts';
import { replayTool } from './replay-tool.ts';
import type { Tool } from './tool.ts';
import { verifyFixTool } from './verify-fix-tool.ts';
import { Workspace } from './workspace.ts';

/** They look at nothing outside of `cwd`. */
export function mcpTools(cwd: string, product: Product): readonly Tool[] {
  const workspace = new Workspace(cwd, product);
  return [
    checkTool(workspace),
    explainTool(workspace),
    replayTool(workspace),
    verifyFixTool(workspace),
  ];
}
