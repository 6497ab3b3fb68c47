/** Serves the page, the SDK as it is published, and what the page asks its backend for. */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, USAGE, type ServeOptions } from './arguments.js';
import { mintToken } from './token.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** The browser's build of the SDK: the folder in which its entry stands. */
const sdk = dirname(fileURLToPath(import.meta.resolve('@talaria/sdk/calls')));

const FILES: Readonly<Record<string, readonly [path: string, type: string]>> = {
  '/': [here('../public/index.html'), 'text/html; charset=utf-8'],
  '/style.css': [here('../public/style.css'), 'text/css; charset=utf-8'],
  '/page/main.js': [here('page/main.js'), 'text/javascript; charset=utf-8'],
  '/page/screen.js': [here('page/screen.js'), 'text/javascript; charset=utf-8'],
  '/sdk/index.js': [join(sdk, 'index.js'), 'text/javascript; charset=utf-8'],
  '/sdk/calls.js': [join(sdk, 'calls.js'), 'text/javascript; charset=utf-8'],
};
const NAME = /^[\w.-]{1,32}$/;

async function answer(options: ServeOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('cache-control', 'no-store');
  if (pathname === '/login') await login(options, request, searchParams, response);
  else if (FILES[pathname]) {
    const [path, type] = FILES[pathname];
    response.setHeader('content-type', type).end(await readFile(path));
  } else response.writeHead(404).end();
}

/** A real app asks for a password here; this one takes everybody at their word. */
async function login({ url, app, key }: ServeOptions, request: IncomingMessage, asked: URLSearchParams, response: ServerResponse): Promise<void> {
  const [name, other] = [asked.get('name') ?? '', asked.get('with') ?? ''];
  if (request.method !== 'POST' || !NAME.test(name) || !NAME.test(other) || name === other) {
    response.writeHead(400).end();
    return;
  }
  // The other one need not have been here yet.
  await mintToken(url, key, other);
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ url, app, token: await mintToken(url, key, name) }));
}

function serve(options: ServeOptions): void {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      process.stderr.write(`error: ${String(error)}\n`);
      if (!response.headersSent) response.writeHead(502);
      response.end();
    });
  });
  server.listen(options.port, '127.0.0.1', () => {
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.stdout.write(`Open two pages:\n  ${at}/?name=alice&with=bob\n  ${at}/?name=bob&with=alice\n`);
  });
  server.on('error', (error) => {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  });
}

try {
  serve(readArguments(process.argv.slice(2), process.env));
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exit(1);
}
