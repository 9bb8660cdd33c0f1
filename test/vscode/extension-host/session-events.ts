// What debug sessions tell VS Code, as an extension can listen to it.
import * as vscode from 'vscode';

/** How many events of a name debug sessions have sent from here on. */
export function sessionEvents(debugType: string): {
  readonly heard: (event: string) => number;
  readonly dispose: () => void;
} {
  const events: string[] = [];
  const tracker = vscode.debug.registerDebugAdapterTrackerFactory(debugType, {
    createDebugAdapterTracker: () => ({
      onDidSendMessage: ({ type, event }: { readonly type: string; readonly event?: string }) => {
        if (type === 'event' && event !== undefined) events.push(event);
      },
    }),
  });
  return {
    heard: (event) => events.filter((each) => each === event).length,
    dispose: () => tracker.dispose(),
  };
}
