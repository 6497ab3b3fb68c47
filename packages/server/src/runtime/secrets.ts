import { createHash, timingSafeEqual } from 'node:crypto';
import { chmodSync, closeSync, existsSync, openSync, readFileSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from './random.js';
import { syncPath } from './sync-path.js';

const SECRET_BYTES = 32;

/**
 * The installation's secret: the given one, or the one in `secrets.json` in the data directory, made on first use with mode 0600.
 * A secret that is given is not written down; the file then holds a check of it, so that a later start with another secret, or
 * with none, is refused instead of making what is in the database unreadable.
 *
 * @param given from the configuration, at least 32 bytes
 * @param known check of the secret that a database shared with other nodes was made with; null when it is new
 * @throws Error with one sentence when the secret cannot be used with this directory, or with that database
 */
export function loadSecrets(directory: string, random: Random, given?: Uint8Array, known?: string | null): Uint8Array {
  const path = join(directory, 'secrets.json');
  if (known && !given && !existsSync(path)) throw new Error(`secret is missing: the database was made with one; ${SAME_SECRET}`);
  const secret = loadOwn(path, directory, random, given);
  if (known && !sameText(known, checkOf(secret))) throw new Error(`secret is another one than the database was made with; ${SAME_SECRET}`);
  return secret;
}

/**
 * The check of the secret that a directory was made with. Makes nothing.
 *
 * @param given from the configuration @returns null when there is no secret
 * @throws Error with one sentence when `secrets.json` cannot be read
 */
export function secretCheckOf(directory: string, given?: Uint8Array): string | null {
  if (given) return checkOf(given);
  const path = join(directory, 'secrets.json');
  return existsSync(path) ? checkOfFile(path) : null;
}

/** The check of the secret in a file like `secrets.json`. @throws Error with one sentence when it is none */
export function checkOfFile(path: string): string {
  const kept = readSecrets(path);
  return kept.check ?? checkOf(kept.secret);
}

const SAME_SECRET = 'set the same TALARIA_SECRET for every node, or copy secrets.json from the data directory of the first one';

function loadOwn(path: string, directory: string, random: Random, given: Uint8Array | undefined): Uint8Array {
  if (!existsSync(path)) return firstSecret(path, directory, random, given);
  chmodSync(path, 0o600);
  const kept = readSecrets(path);
  if (given) {
    if (!sameText(kept.check ?? checkOf(kept.secret), checkOf(given)))
      throw new Error(`secret is another one than ${directory} was made with; give the old one (TALARIA_SECRET)`);
    return given;
  }
  if (kept.secret) return kept.secret;
  throw new Error(
    `secret is missing: ${directory} was made with a secret from the configuration; set TALARIA_SECRET or TALARIA_SECRET_FILE`,
  );
}

function firstSecret(path: string, directory: string, random: Random, given: Uint8Array | undefined): Uint8Array {
  if (!given && isDatabase(join(directory, 'talaria.db'))) {
    throw new Error(`${path} is missing, and the database beside it cannot be used without; restore it from a back-up`);
  }
  if (given) {
    writePrivateFile(path, `${JSON.stringify({ version: 1, check: checkOf(given) })}\n`);
    return given;
  }
  const bytes = new Uint8Array(SECRET_BYTES);
  random.fill(bytes);
  writePrivateFile(path, `${JSON.stringify({ version: 1, secret: Buffer.from(bytes).toString('base64url') })}\n`);
  return bytes;
}

/** What is no database is refused with better words when it is opened. */
function isDatabase(path: string): boolean {
  return firstBytes(path, 15).toString('latin1') === 'SQLite format 3';
}

function firstBytes(path: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (!existsSync(path)) return bytes;
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, length, 0);
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** Writes a file that only its owner may read. It is there as a whole or not at all, also after a power cut. */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  syncPath(draft);
  renameSync(draft, path);
}

type Kept = { readonly secret: Uint8Array; readonly check?: undefined } | { readonly secret?: undefined; readonly check: string };

function readSecrets(path: string): Kept {
  const value = parse(path);
  if (typeof value === 'object' && value !== null) {
    if ('secret' in value && typeof value.secret === 'string') {
      const secret = Buffer.from(value.secret, 'base64url');
      if (secret.length < SECRET_BYTES) throw new Error(`${path}: secret must have at least ${SECRET_BYTES} bytes, not ${secret.length}`);
      return { secret };
    }
    if ('check' in value && typeof value.check === 'string') return { check: value.check };
  }
  throw new Error(`${path} has no field secret`);
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch {
    throw new Error(`${path} is not JSON; restore it from a back-up, or move it away together with the database`);
  }
}

/** Tells secrets apart and gives nothing away: a secret has 256 random bits. */
export function checkOf(secret: Uint8Array): string {
  return createHash('sha256').update('talaria secret check').update(secret).digest('base64url');
}

function sameText(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
