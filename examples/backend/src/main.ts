/** A small backend of an app: its own users and sessions, tokens and conversations for them, and a bot that hears what is said. */
import { connect, fileStore } from '@talaria/sdk';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readArguments, USAGE, type BackendOptions } from './arguments.js';
import { createChat } from './chat.js';
import { handleFact } from './orders.js';
import { route } from './routes.js';
import { createSessions } from './sessions.js';
import { demoUsers } from './users.js';

const log = (line: string): void => void process.stdout.write(`${line}\n`);

async function run({ url, app, key, port, store, tokenLife_s }: BackendOptions): Promise<void> {
  const chat = createChat(url, key, tokenLife_s);
  await chat.prepare();
  const client = connect({ url, app, token: () => chat.botToken(), store: fileStore(store) });
  client.on('error', (error) => log(`${error.code}: ${error.message}`));
  // From the first fact that the bot may see; after a restart, from where it was.
  await client.consume('orders', (fact) => handleFact(client, chat, fact, log), { from: 'start' });

  const around = { url, app, users: demoUsers(), sessions: createSessions(), chat };
  const server = createServer((request, response) => void route(around, request, response, log));
  server.once('error', (error) => fail(error));
  server.listen(port, '127.0.0.1', () => log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.close();
      void client.close().then(() => process.exit(0));
    });
  }
}

function fail(error: unknown): void {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exit(1);
}

try {
  await run(readArguments(process.argv.slice(2), process.env));
} catch (error) {
  fail(error);
}
