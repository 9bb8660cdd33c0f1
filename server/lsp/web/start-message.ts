// What the client tells a worker of the web build before anything else: what it is to be, and with which
// files. Bytes and text instead of addresses, which workers of an editor cannot always fetch.
import type { WasmFiles } from '../../syntax/wasm-parser.ts';

export type StartMessage =
  | {
      readonly kind: 'serve';
      readonly version: string;
      readonly wasm: WasmFiles;
      /** The script of this worker, for those that check. */
      readonly script: string;
    }
  | { readonly kind: 'check'; readonly wasm: WasmFiles };
