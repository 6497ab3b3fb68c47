import { connect, type Client, type Message } from '@talaria/sdk';
import { buildExample, startDevServer, stopProgram, type DevServer } from '@talaria/services';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mintToken } from '../src/token.js';

let server: DevServer;
let main: string;
let directory: string;
let bot: ChildProcess | undefined;
let alice: Client | undefined;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'talaria-echo-bot-'));
  main = join(buildExample(import.meta.url), 'dist/main.js');
  server = await startDevServer(import.meta.url);
}, 60_000);

afterAll(async () => {
  await alice?.close();
  if (bot) await stopProgram(bot, 'SIGKILL');
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

function startBot(): ChildProcess {
  bot = spawn(process.execPath, [main, '--app', server.app_public_key, '--key', server.app_key, '--url', server.url, '--store', join(directory, 'bot.store')], { stdio: ['ignore', 'ignore', 'inherit'] });
  return bot;
}

test('every message is answered once, also when the bot is killed in between', async () => {
  await mintToken(server.url, server.app_key, 'echo-bot');
  alice = connect({ url: server.url, app: server.app_public_key, token: await mintToken(server.url, server.app_key, 'alice') });
  await alice.ready();
  const conversation = await alice.conversations.create({ kind: 'direct', members: ['ext:echo-bot'] });
  const answers: Message[] = [];
  const own = alice.userId;
  conversation.on('message', (message) => {
    if (message.senderId !== own) answers.push(message);
  });
  const texts = (): string[] => answers.map(({ text }) => text);
  const said = Array.from({ length: 30 }, (_, index) => `message ${index}`);
  const echoes = said.map((text) => `You said: ${text}`);

  for (const text of said.slice(0, 20)) conversation.send(text);
  const first = startBot();
  await expect.poll(texts, { timeout: 25_000 }).toContain(echoes[5]);
  await stopProgram(first, 'SIGKILL');
  for (const text of said.slice(20)) conversation.send(text);
  startBot();
  await expect.poll(() => answers.length, { timeout: 25_000 }).toBeGreaterThanOrEqual(said.length);
  // One too many would come before the answer to what is said now.
  conversation.send('the last');
  await expect.poll(texts, { timeout: 25_000 }).toContain('You said: the last');
  expect(texts()).toEqual([...echoes, 'You said: the last']);
}, 60_000);
