// What the replay's debug adapter can do, as it answers `initialize`.
import type { DebugProtocol } from '@vscode/debugprotocol';

export const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsStepBack: true,
  supportsSteppingGranularity: true,
  supportsRestartRequest: true,
  supportsRestartFrame: true,
  supportsGotoTargetsRequest: true,
  supportsBreakpointLocationsRequest: true,
  supportsDataBreakpoints: true,
  supportsDataBreakpointBytes: true,
  supportsReadMemoryRequest: true,
  supportsExceptionInfoRequest: true,
  supportsEvaluateForHovers: true,
  supportsClipboardContext: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: ['*', ' '],
  supportsDelayedStackTraceLoading: true,
  supportsLoadedSourcesRequest: true,
  supportsTerminateRequest: true,
  supportsANSIStyling: true,
  exceptionBreakpointFilters: [
    {
      filter: 'flagged',
      label: 'Flagged Step',
      description: 'Stops at the step that the linter flags, also where no allocator notices it.',
      default: true,
    },
    {
      filter: 'damage',
      label: 'Heap Damage',
      description: 'Stops where the damage shows: two live blocks share bytes, or a block is lost.',
      default: true,
    },
  ],
};
