import { parseArgs } from 'node:util';

export const USAGE = `usage: npm start -w examples/support-widget -- --app PUBLIC_KEY --key KEY [--url URL] [--port PORT]

  --app     the app's public key, pk_…; or TALARIA_APP
  --key     a key of the app, tk_…, to mint the agents' token with; better in TALARIA_KEY
  --url     the server; or TALARIA_URL; else http://127.0.0.1:7400
  --port    where the pages are served; else 7481; 0 for any that is free`;

export interface ServeOptions {
  readonly app: string;
  readonly key: string;
  readonly url: string;
  readonly port: number;
}

/** @throws Error with one sentence that says what is wrong */
export function readArguments(words: readonly string[], env: NodeJS.ProcessEnv): ServeOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...words], options: { app: text, key: text, url: text, port: text } });
  const app = values.app ?? env['TALARIA_APP'];
  const key = values.key ?? env['TALARIA_KEY'];
  const port = Number(values.port ?? 7481);
  if (!app) throw new Error('--app or TALARIA_APP is needed: the public key that `talaria dev` prints');
  if (!key) throw new Error('--key or TALARIA_KEY is needed: the key that `talaria dev` prints');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port must be a number from 0 to 65535');
  return { app, key, port, url: values.url ?? env['TALARIA_URL'] ?? 'http://127.0.0.1:7400' };
}
