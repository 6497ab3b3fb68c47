/** What docs/calls.md shows for the browser runs in one: a connection of WebRTC comes about, and carries what is said. */
import { startChromium } from '@talaria/services';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { blocksIn, root } from './support/page-samples.js';
import { startPageServer, type PageEnvironment } from './support/page-stage.js';

/** Two users in one page: one calls, the other answers, and both talk as the sample says. */
const PROGRAM = `
  import { connect } from '@talaria/sdk';
  import { createCalls } from '@talaria/sdk/calls';
  const alice = connect({ url, app, token });
  const bob = connect({ url, app, token: bobsToken });
  await Promise.all([alice.ready(), bob.ready()]);
  const chat = await alice.conversations.create({ kind: 'direct', members: ['ext:bob'] });
  createCalls(bob).onIncoming((call) => {
    talk(call, (text) => said.push('bob hears ' + text));
    void call.accept();
  });
  const call = await createCalls(alice).start(chat, { kind: 'data' });
  talk(call, (text) => said.push('alice hears ' + text));
`;

function pageOf(sample: string, environment: PageEnvironment): string {
  const script = ts.transpile(sample + PROGRAM, { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext });
  return `<!doctype html>
    <script type="importmap">{ "imports": { "@talaria/sdk": "/index.js", "@talaria/sdk/calls": "/calls.js" } }</script>
    <script>const said = [], { url, app, token, bobsToken } = ${JSON.stringify(environment)};</script>
    <script type="module">${script}</script>`;
}

it('docs/calls.md: two sides talk over a data channel', async () => {
  const sample = blocksIn('docs/calls.md', 'ts').find((text) => text.includes('RTCPeerConnection')) ?? '';
  const server = await startPageServer();
  const page = pageOf(sample, (await server.open()).environment);
  const http = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1);
    const script = ['index.js', 'calls.js'].includes(name);
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html').end(script ? readFileSync(join(root, 'packages/sdk/dist', name)) : page);
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const browser = await startChromium();
  try {
    const opened = await browser.open(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`);
    await expect.poll(() => opened.page.evaluate<string[]>('said.toSorted()'), { timeout: 20_000 }).toEqual(['alice hears Hello', 'bob hears Hello']);
    expect(opened.errors).toEqual([]);
  } finally {
    await browser.stop();
    http.close();
    await server.stop();
  }
}, 300_000);
