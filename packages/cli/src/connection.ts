/** Which server a command speaks to, and with which key. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createClient, type Client } from './client.js';
import type { Context } from './context.js';
import { CliError } from './errors.js';

export interface ConnectionFlags {
  readonly url?: string;
  readonly key?: string;
  readonly keyFile?: string;
}

const DEFAULT_URL = 'http://127.0.0.1:7400';

/** The flags of every command that speaks to a server. */
export function withConnection(command: Command): Command {
  return command
    .option('--url <url>', `The server (TALARIA_URL; default ${DEFAULT_URL})`)
    .option('--key <key>', 'Key to use (TALARIA_KEY is better: flags show in ps)')
    .option('--key-file <path>', 'File that holds the key (TALARIA_KEY_FILE)');
}

/** @throws CliError usage, key_missing */
export function connect(context: Context, flags: ConnectionFlags, needs: Needs): Client {
  return createClient(accessTo(context, flags, needs));
}

/** What the command does: administer the installation, or work inside an app. */
type Needs = 'admin key' | 'app key';

export interface Access {
  readonly url: string;
  readonly key: string;
}

/** @throws CliError usage, key_missing */
export function accessTo(context: Context, flags: ConnectionFlags, needs: Needs): Access {
  const url = urlOf(flags.url ?? variable(context, 'TALARIA_URL') ?? DEFAULT_URL);
  return { url: url.text, key: keyOf(context, flags, needs, url.local) };
}

function variable(context: Context, name: string): string | undefined {
  const value = context.env[name];
  return value === '' ? undefined : value;
}

function urlOf(text: string): { readonly text: string; readonly local: boolean } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new CliError('usage', `url must begin with http:// or https://, not ${JSON.stringify(text)}.`);
  if (url.username !== '' || url.search !== '' || url.hash !== '') throw new CliError('usage', 'url must hold no user, query or fragment.');
  const local = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  return { text: url.origin + url.pathname.replace(/\/+$/, ''), local };
}

function keyOf(context: Context, flags: ConnectionFlags, needs: 'admin key' | 'app key', local: boolean): string {
  if (flags.key !== undefined) return checked(flags.key, '--key');
  if (flags.keyFile !== undefined) return fromFile(flags.keyFile, '--key-file');
  const key = variable(context, 'TALARIA_KEY');
  if (key !== undefined) return checked(key, 'TALARIA_KEY');
  const file = variable(context, 'TALARIA_KEY_FILE');
  if (file !== undefined) return fromFile(file, 'TALARIA_KEY_FILE');
  if (needs === 'app key') {
    throw new CliError(
      'key_missing',
      'This works inside an app and needs a key of that app.',
      'Make one with talaria key create --app ID, and set TALARIA_KEY to it.',
    );
  }
  // The key of this machine's server stays on this machine.
  const own = local ? ownAdminKey(context) : undefined;
  if (own !== undefined) return own;
  throw new CliError('key_missing', 'No admin key was given.');
}

function ownAdminKey(context: Context): string | undefined {
  const path = join(variable(context, 'TALARIA_DATA') ?? 'talaria-data', 'admin-key');
  try {
    return checked(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function fromFile(path: string, from: string): string {
  try {
    return checked(readFileSync(path, 'utf8'), from);
  } catch (error) {
    throw error instanceof CliError
      ? error
      : new CliError('usage', `The file of ${from} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function checked(text: string, from: string): string {
  const key = text.trim();
  if (/^[\u0021-\u007E]{1,4096}$/.test(key)) return key;
  throw new CliError('usage', `${from} does not hold a key: a key is one word, such as tk_….`);
}
