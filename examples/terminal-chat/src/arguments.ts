import { parseArgs } from 'node:util';

export const USAGE = `usage: npm start -w examples/terminal-chat -- --name NAME --with NAME --app PUBLIC_KEY (--key KEY | --token TOKEN) [--url URL]

  --name    who you are
  --with    whom you talk to
  --app     the app's public key, pk_…
  --key     a key of the app, tk_…, to mint a token with; or TALARIA_KEY
  --token   a token of yours, instead of a key
  --url     the server; or TALARIA_URL; else http://127.0.0.1:7400`;

export interface ChatOptions {
  readonly name: string;
  readonly other: string;
  readonly app: string;
  readonly url: string;
  readonly key: string | undefined;
  readonly token: string | undefined;
}

/** @throws Error with one sentence that says what is wrong */
export function readArguments(words: readonly string[], env: NodeJS.ProcessEnv): ChatOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...words], options: { name: text, with: text, app: text, key: text, token: text, url: text } });
  const { name, with: other, app, token } = values;
  const key = values.key ?? env['TALARIA_KEY'];
  if (!name || !other) throw new Error('--name and --with are needed');
  if (!app) throw new Error('--app is needed: the public key that `talaria dev` prints');
  if (!token && !key) throw new Error('--key or --token is needed');
  return { name, other, app, key, token, url: values.url ?? env['TALARIA_URL'] ?? 'http://127.0.0.1:7400' };
}
