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

/** @param port 0 for any that is free */
export async function servePage(config: PageConfig, port: number): Promise<ServedPage> {
  const server = await createServer({ root: EXAMPLE, logLevel: 'warn', plugins: [configPlugin(config)], server: { host: '127.0.0.1', port } });
  await server.listen();
  return { url: addressOf(server.httpServer?.address()), stop: () => server.close() };
}

/** In a process of its own: whatever this one is, a test for example, the page is the one that is published. */
export async function buildPage(): Promise<void> {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: EXAMPLE, env: { ...process.env, NODE_ENV: 'production' } });
}

/** What `buildPage` has made. @param port 0 for any that is free */
export async function serveBuiltPage(config: PageConfig, port: number): Promise<ServedPage> {
  const server = await preview({ root: EXAMPLE, logLevel: 'warn', plugins: [configPlugin(config)], preview: { host: '127.0.0.1', port } });
  return { url: addressOf(server.httpServer.address()), stop: () => server.close() };
}

function addressOf(address: AddressInfo | string | null | undefined): string {
  if (typeof address !== 'object' || address === null) throw new Error('The page is not served.');
  return `http://127.0.0.1:${address.port}`;
}
