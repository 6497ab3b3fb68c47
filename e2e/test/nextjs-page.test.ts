/** The files of docs/guides/nextjs.md: they type-check together, and the route, the client and the page's data work on a real server. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { diagnose, filesOf, root, runSample } from './support/page-samples.js';
import { startPageServer, type PageServer } from './support/page-stage.js';

const PAGE = 'docs/guides/nextjs.md';
const files = new Map([...filesOf(PAGE), ['lib/session.ts', "export const currentUser = async (): Promise<{ readonly id: string; readonly name: string } | undefined> => (process.env.LOGGED_IN === 'no' ? undefined : { id: 'alice', name: 'Alice' });\n"]]);
/** Inside the workspace, so that the published packages are found. */
const folder = mkdtempSync(join(root, 'e2e/.samples-'));
let server: PageServer;

/** A browser asks its own site, which here is the route itself. */
const PROGRAM = `
  import { POST } from './app/api/chat-token/route.js';
  globalThis.fetch = ((fetch) => (url, init) => (url === '/api/chat-token' && init.method === 'POST' ? POST() : fetch(url, init)))(globalThis.fetch);
  const { chatClient } = await import('./lib/chat.js');
  const client = chatClient();
  await client.ready();
  const chat = await client.conversations.create({ members: ['ext:bob'] });
  await chat.send('From Next').sent;
  const { latestMessages } = await import('./lib/history.js');
  const items = await latestMessages(chat.id);
  process.env.LOGGED_IN = 'no';
  console.log(JSON.stringify({ same: chatClient() === client, texts: items.map(({ text }) => text), refused: (await POST()).status }));
  await client.close();
`;

beforeAll(async () => {
  server = await startPageServer();
  for (const [name, text] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, name.replace(/\.ts$/, '.js')), ts.transpile(text, { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }));
  }
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

it('they type-check under the strict settings of this repository', () => {
  expect([...filesOf(PAGE).keys()]).toEqual(['app/api/chat-token/route.ts', 'lib/chat.ts', 'lib/history.ts']);
  expect(diagnose([...files.keys()].map((name) => join(folder, name)), { types: ['node'] })).toEqual([]);
}, 60_000);

it('the route mints, the client connects with it, and the server reads', async () => {
  const { environment } = await server.open();
  const variables = { NEXT_PUBLIC_TALARIA_URL: environment.url, NEXT_PUBLIC_TALARIA_APP: environment.app, TALARIA_KEY: environment.key };
  for (const name of Object.keys(variables)) expect(readFileSync(join(root, PAGE), 'utf8')).toContain(`${name}=`);
  const printed = await runSample(join(folder, 'program.mjs'), PROGRAM, variables);
  expect(JSON.parse(printed)).toEqual({ same: true, texts: ['From Next'], refused: 401 });
}, 60_000);
