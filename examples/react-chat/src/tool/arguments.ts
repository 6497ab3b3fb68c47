import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXAMPLE } from './place.js';

export const USAGE = `usage: npm run example:chat -- [--port PORT] [--server-port PORT] [--data FOLDER] [--measure | --screenshots]

  --port         where the page is served; else 7480, or the next that is free; 0 for any
  --server-port  where the server listens; else 7400, or any that is free
  --data         where the server keeps what is said; else examples/react-chat/talaria-data
  --measure      prints what the built page costs and how fast it scrolls, and ends
  --screenshots  writes docs/images/chat-*.png, and ends
  --help         prints this`;

export interface ToolOptions {
  readonly run: 'serve' | 'measure' | 'screenshots' | 'help';
  /** Undefined: 7480, or the next that is free. */
  readonly port: number | undefined;
  /** Undefined: 7400, or another one when that is taken. */
  readonly serverPort: number | undefined;
  readonly data: string;
}

/** @throws Error with one sentence that says what is wrong */
export function readArguments(words: readonly string[]): ToolOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({ args: [...words], options: { port: text, 'server-port': text, data: text, measure: flag, screenshots: flag, help: flag } });
  if (values.measure && values.screenshots) throw new Error('--measure and --screenshots are two runs');
  const run = values.help ? 'help' : values.measure ? 'measure' : values.screenshots ? 'screenshots' : 'serve';
  return { run, port: portOf('--port', values.port), serverPort: portOf('--server-port', values['server-port']), data: values.data ?? join(EXAMPLE, 'talaria-data') };
}

function portOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`${name} must be a number from 0 to 65535`);
  return port;
}
