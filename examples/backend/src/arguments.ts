import { parseArgs } from 'node:util';

export const USAGE = `usage: npm start -w examples/backend -- --app PUBLIC_KEY --key KEY [--url URL] [--port PORT] [--store FILE] [--token-life SECONDS]

  --app     the app's public key, pk_…; or TALARIA_APP
  --key     a key of the app, tk_…; better in TALARIA_KEY, which other users of the machine do not see
  --url     the server; or TALARIA_URL; else http://127.0.0.1:7400
  --port    where this backend listens; else 7490; 0 for any that is free
  --store   where the bot's outbox and cursor are kept, backend.store by default
  --token-life  how long a user's token is good, 10 to 3600 s; else 900`;

export interface BackendOptions {
  readonly app: string;
  readonly key: string;
  readonly url: string;
  readonly port: number;
  readonly store: string;
  readonly tokenLife_s: number;
}

/** @throws Error with one sentence that says what is wrong */
export function readArguments(words: readonly string[], env: NodeJS.ProcessEnv): BackendOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...words], options: { app: text, key: text, url: text, port: text, store: text, 'token-life': text } });
  const app = values.app ?? env['TALARIA_APP'];
  const key = values.key ?? env['TALARIA_KEY'];
  const port = Number(values.port ?? 7490);
  const tokenLife_s = Number(values['token-life'] ?? 900);
  if (!app) throw new Error('--app or TALARIA_APP is needed: the public key that `talaria dev` prints');
  if (!key) throw new Error('--key or TALARIA_KEY is needed: the key that `talaria dev` prints');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port must be a number from 0 to 65535');
  if (!Number.isInteger(tokenLife_s) || tokenLife_s < 10 || tokenLife_s > 3_600) throw new Error('--token-life must be a number from 10 to 3600');
  return { app, key, port, tokenLife_s, url: values.url ?? env['TALARIA_URL'] ?? 'http://127.0.0.1:7400', store: values.store ?? 'backend.store' };
}
