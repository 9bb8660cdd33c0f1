// The arguments of workspace/executeCommand, which any client may send: read, or refused with what is expected.
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { SUPPRESSION_SCOPES } from '../suppressions/suppress.ts';
import { isFindingPlace, SERVER_COMMANDS, type SuppressArgument } from './protocol.ts';

/** Of lintFile and lintFolder. */
export function uriArgument(command: string, args: readonly unknown[] | undefined): string {
  const argument = args?.[0];
  if (typeof argument === 'object' && argument !== null && 'uri' in argument) {
    if (typeof argument.uri === 'string') return argument.uri;
  }
  throw refused(`${command} expects an argument { uri }.`);
}

export function suppressArgument(args: readonly unknown[] | undefined): SuppressArgument {
  const argument = args?.[0];
  if (typeof argument === 'object' && argument !== null && 'place' in argument) {
    const { place } = argument;
    const scope = SUPPRESSION_SCOPES.find((each) => 'scope' in argument && argument.scope === each);
    const reason = 'reason' in argument ? argument.reason : '';
    if (isFindingPlace(place) && scope !== undefined && typeof reason === 'string') {
      return { place, scope, reason };
    }
  }
  throw refused(`${SERVER_COMMANDS.suppress} expects an argument { place, scope, reason }.`);
}

export function refused(message: string): ResponseError {
  return new ResponseError(LSPErrorCodes.RequestFailed, message);
}
