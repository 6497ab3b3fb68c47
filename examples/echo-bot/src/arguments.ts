import { parseArgs } from 'node:util';

export const USAGE = `usage: npm start -w examples/echo-bot -- --app PUBLIC_KEY [--key KEY] [--url URL] [--name NAME] [--store FILE]

  --app     the app's public key, pk_…
  --key     a key of the app, tk_…, to mint the bot's token with; or TALARIA_KEY
  --url     the server; or TALARIA_URL; else http://127.0.0.1:7400
  --name    the bot's user, echo-bot by default
  --store   where outbox and cursor are kept, echo-bot.store by default`;

export interface BotOptions {
  readonly app: string;
  readonly key: string;
  readonly url: string;
  readonly name: string;
  readonly store: string;
}

/** @throws Error with one sentence that says what is wrong */
export function readArguments(words: readonly string[], env: NodeJS.ProcessEnv): BotOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...words], options: { app: text, key: text, url: text, name: text, store: text } });
  const key = values.key ?? env['TALARIA_KEY'];
  if (!values.app) throw new Error('--app is needed: the public key that `talaria dev` prints');
  if (!key) throw new Error('--key or TALARIA_KEY is needed');
  return { app: values.app, key, url: values.url ?? env['TALARIA_URL'] ?? 'http://127.0.0.1:7400', name: values.name ?? 'echo-bot', store: values.store ?? 'echo-bot.store' };
}
