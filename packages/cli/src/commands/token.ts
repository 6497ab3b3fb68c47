import type { Command } from 'commander';
import { addCommand, addGroup } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { note, print, type Context } from '../context.js';
import { argumentOrInput } from '../input.js';
import { decodeToken, type DecodedToken } from '../jwt.js';
import { record, type Field } from '../text/table.js';
import { durationSeconds, longTime, spanText } from '../text/time.js';

const UNVERIFIED = 'Not verified: the signature was not checked, so what it says may be false.';

export function addToken(program: Command, context: Context): void {
  const group = addGroup(program, 'token', 'Tokens: what users connect with.');
  addMint(group, context);
  addInspect(group, context);
}

function addMint(group: Command, context: Context): void {
  const summary = 'Mint a token for a user by your own id of them. The user is made when there is none.';
  withConnection(addCommand(group, 'mint <user>', summary, ['token mint alice', 'token mint alice --expires-in 12h -o json']))
    .option('--expires-in <time>', 'How long it is good: 10s to 30d (default 1h)', durationSeconds)
    .option('--name <name>', 'Name of a user who is made now')
    .action(async (user: string, flags: ConnectionFlags & { readonly expiresIn?: number; readonly name?: string }) => {
      const externalId = user.startsWith('ext:') ? user.slice(4) : user;
      const client = connect(context, flags, 'app key');
      const minted = await client.call('auth.token', { external_id: externalId, expires_in_s: flags.expiresIn, name: flags.name });
      const { token, expires_at, user_id } = minted;
      print(context, { token, expires_at, user_id }, () => `${token}\n`);
      note(context, `For ${user_id}, until ${longTime(expires_at)}.`);
    });
}

function addInspect(group: Command, context: Context): void {
  const summary = 'Show what a token says, without verifying it. `-` reads it from standard input.';
  const examples = ['token inspect eyJhbGciOi…', 'token mint alice | talaria token inspect -'];
  addCommand(group, 'inspect <token>', summary, examples).action(async (text: string) => {
    const token = decodeToken(await argumentOrInput(text));
    const expiresMs = expiryOf(token);
    const expired = expiresMs === undefined ? null : expiresMs <= Date.now();
    print(context, { verified: false, expired, ...token }, () => tokenText(token, context));
  });
}

function expiryOf({ claims }: DecodedToken): number | undefined {
  const { exp } = claims;
  return typeof exp === 'number' && Math.abs(exp) < 8e12 ? exp * 1_000 : undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  sub: 'User',
  aud: 'App',
  iss: 'Issuer',
  iat: 'Issued',
  nbf: 'Not before',
  exp: 'Expires',
  key: 'Minted by key',
};

function tokenText(token: DecodedToken, { terminal }: Context): string {
  const fields = Object.entries(token.claims).map(([name, value]): Field => [NAMES[name] ?? name, claimText(name, value)]);
  return `${record([['Algorithm', String(token.header['alg'])], ...fields], terminal.columns, terminal.style)}\n${UNVERIFIED}\n`;
}

function claimText(name: string, value: unknown): string {
  const time = ['iat', 'nbf', 'exp'].includes(name) && typeof value === 'number' && Math.abs(value) < 8e12;
  if (!time) return typeof value === 'string' ? value : JSON.stringify(value);
  const leftS = value - Date.now() / 1_000;
  const away = `${spanText(Math.abs(leftS))}${leftS < 0 ? ' ago' : ''}`;
  return `${longTime(value * 1_000)} (${leftS < 0 ? away : `in ${away}`})`;
}
