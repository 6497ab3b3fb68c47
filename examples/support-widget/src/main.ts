/** Serves a page with the widget on it, the widget, and the page of the agents with their tokens. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readArguments, USAGE, type ServeOptions } from './arguments.js';
import { supportTokens } from './token.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const FILES: Readonly<Record<string, readonly [path: string, type: string]>> = {
  '/': [here('../public/index.html'), 'text/html; charset=utf-8'],
  '/agent': [here('../public/agent.html'), 'text/html; charset=utf-8'],
  '/agent.css': [here('../public/agent.css'), 'text/css; charset=utf-8'],
  '/agent.js': [here('public/agent.js'), 'text/javascript; charset=utf-8'],
  '/widget.js': [here('public/widget.js'), 'text/javascript; charset=utf-8'],
};

const attribute = (text: string): string => text.replace(/[&"<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

async function serve({ url, app, key, port }: ServeOptions): Promise<void> {
  const mint = supportTokens(url, key);
  // Visitors write to this user: there must be one.
  await mint();
  /** Stands for the login of your own backend, which knows who is an agent. */
  const password = randomBytes(18).toString('base64url');

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    response.setHeader('cache-control', 'no-store');
    if (request.method === 'POST' && path === '/agent-token') {
      if (!same(request.headers.authorization ?? '', `Bearer ${password}`)) {
        response.writeHead(401).end();
        return;
      }
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ url, app, token: await mint() }));
      return;
    }
    const file = FILES[path];
    if (!file || request.method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    const content = await readFile(file[0]);
    response.setHeader('content-type', file[1]).end(path === '/' ? content.toString().replaceAll('{url}', attribute(url)).replaceAll('{app}', attribute(app)) : content);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      process.stderr.write(`error: ${String(error)}\n`);
      if (!response.headersSent) response.writeHead(502);
      response.end();
    });
  });
  server.once('error', fail);
  server.listen(port, '127.0.0.1', () => {
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.stdout.write(`Visitors:  ${at}/\nAgents:    ${at}/agent#${password}\n`);
  });
}

function same(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function fail(error: unknown): void {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exit(1);
}

try {
  await serve(readArguments(process.argv.slice(2), process.env));
} catch (error) {
  fail(error);
}
