/** Serves the page: from its source, as one works on it, or as it was built. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createServer, preview, type Connect, type Plugin } from 'vite';
import type { PageConfig } from './furnish.js';
import { EXAMPLE } from './place.js';

export interface ServedPage {
  /** Without a slash at its end. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Where the page finds its server, as `talaria.json` beside it. Who puts the page elsewhere puts a file there. */
function configPlugin(config: PageConfig): Plugin {
  const answer: Connect.NextHandleFunction = (_request, response) => {
    response.setHeader('content-type', 'application/json').setHeader('cache-control', 'no-store').end(JSON.stringify(config));
  };
  return {
    name: 'talaria-config',
    configureServer: ({ middlewares }) => void middlewares.use('/talaria.json', answer),
    configurePreviewServer: ({ middlewares }) => void middlewares.use('/talaria.json', answer),
  };
}

const PORT = 7_480;

/**
 * @param port 0 for any that is free; undefined for 7480, or the next that is free
 * @throws Error when the port is in use
 */
export async function servePage(config: PageConfig, port: number | undefined): Promise<ServedPage> {
  const before = process.listeners('SIGTERM');
  const server = await createServer({ root: EXAMPLE, logLevel: 'warn', plugins: [configPlugin(config)], server: { host: '127.0.0.1', port: port ?? PORT, strictPort: port !== undefined } });
  leaveSignals(before);
  await server.listen();
  return { url: addressOf(server.httpServer?.address()), stop: () => server.close() };
}

/**
 * In a process of its own: whatever this one is, a test for example, the page is the one that is published.
 *
 * @param folder where it is put, so that two builds at a time are not in each other's way
 */
export async function buildPage(folder: string): Promise<void> {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn', '--emptyOutDir', '--outDir', folder], { cwd: EXAMPLE, env: { ...process.env, NODE_ENV: 'production' } });
}

/** What `buildPage` has put into a folder. @param port 0 for any that is free */
export async function serveBuiltPage(config: PageConfig, port: number, folder: string): Promise<ServedPage> {
  const server = await preview({ root: EXAMPLE, logLevel: 'warn', plugins: [configPlugin(config)], build: { outDir: folder }, preview: { host: '127.0.0.1', port } });
  return { url: addressOf(server.httpServer.address()), stop: () => server.close() };
}

/** Vite ends the process at the first SIGTERM, and leaves Talaria no time to stop: that is for whoever started both. */
function leaveSignals(before: readonly NodeJS.SignalsListener[]): void {
  for (const listener of process.listeners('SIGTERM')) {
    if (!before.includes(listener)) process.off('SIGTERM', listener);
  }
}

function addressOf(address: AddressInfo | string | null | undefined): string {
  if (typeof address !== 'object' || address === null) throw new Error('The page is not served.');
  return `http://127.0.0.1:${address.port}`;
}
