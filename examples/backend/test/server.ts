/** The example's own program, for its tests. */
import { buildExample, startProgram, type DevServer, type Running } from '@talaria/services';
import { join } from 'node:path';

export interface Backend extends Running {
  readonly url: string;
}

/** @returns its program */
export const build = (): string => join(buildExample(import.meta.url), 'dist/main.js');

/** @param store the file of the bot's cursor and outbox */
export function startBackend(main: string, server: DevServer, store: string): Promise<Backend> {
  const env = { TALARIA_URL: server.url, TALARIA_APP: server.app_public_key, TALARIA_KEY: server.app_key };
  return startProgram([main, '--port', '0', '--token-life', '10', '--store', store], (out) => {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0];
    return url === undefined ? undefined : { url };
  }, env);
}
