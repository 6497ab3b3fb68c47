/** The example's own program, for its tests. */
import { buildExample, startProgram, type DevServer, type Running } from '@talaria/services';
import { join } from 'node:path';

export interface PageServer extends Running {
  readonly url: string;
}

/** Builds the example, as `npm start` does, and serves its page. */
export function startPageServer(server: DevServer): Promise<PageServer> {
  const main = join(buildExample(import.meta.url), 'dist/main.js');
  return startProgram([main, '--app', server.app_public_key, '--key', server.app_key, '--url', server.url, '--port', '0'], (out) => {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0];
    return url === undefined ? undefined : { url };
  });
}
