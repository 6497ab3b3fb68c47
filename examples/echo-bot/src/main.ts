/** A bot that answers every message of every conversation that it is a member of. */
import { connect, fileStore } from '@talaria/sdk';
import { readArguments, USAGE, type BotOptions } from './arguments.js';
import { EchoBot } from './bot.js';
import { mintToken } from './token.js';

const log = (line: string): void => void process.stdout.write(`${line}\n`);

async function run({ url, app, key, name, store }: BotOptions): Promise<void> {
  const client = connect({ url, app, token: () => mintToken(url, key, name), store: fileStore(store) });
  client.on('status', (status) => log(status.state === 'connected' ? `connected as ${name}` : status.state));
  client.on('error', (error) => log(`${error.code}: ${error.message}`));
  const bot = new EchoBot(client, log);
  // From the first message that the bot may see; later, from where it was.
  await client.consume('echo', (fact) => bot.handle(fact), { from: 'start' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void client.close().then(() => process.exit(0)));
  await client.ready();
}

try {
  await run(readArguments(process.argv.slice(2), process.env));
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exit(1);
}
