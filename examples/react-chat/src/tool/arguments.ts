import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXAMPLE } from './place.js';

export const USAGE = `usage: npm run example:chat -- [--port PORT] [--server-port PORT] [--data FOLDER]

  --port         where the page is served; else 7480; 0 for any that is free
  --server-port  where the server listens; else 7400, or any that is free
  --data         where the server keeps what is said; else examples/react-chat/talaria-data`;

export interface ToolOptions {
  readonly port: number;
  /** Undefined: 7400, or another one when that is taken. */
  readonly serverPort: number | undefined;
  readonly data: string;
}

/** @throws Error with one sentence that says what is wrong */
export function readArguments(words: readonly string[]): ToolOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...words], options: { port: text, 'server-port': text, data: text } });
  const port = portOf('--port', values.port ?? '7480');
  const serverPort = values['server-port'] === undefined ? undefined : portOf('--server-port', values['server-port']);
  return { port, serverPort, data: values.data ?? join(EXAMPLE, 'talaria-data') };
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`${name} must be a number from 0 to 65535`);
  return port;
}
