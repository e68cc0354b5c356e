/** Stands in for the client of ../core until that is there: says so when it is asked for. */
import type { ClientOptions, VaultifyClient } from '../core/index.js';

export function createClient(options: ClientOptions): VaultifyClient {
  throw new Error(`The client for ${options.url} is not built yet`);
}
