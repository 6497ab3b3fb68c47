/** What links and cookies of operators hold: 256 random bits, of which only a hash is stored. It cannot be searched, so a plain one will do. */
import { createHash } from 'node:crypto';
import type { Random } from '../../runtime/random.js';

const BYTES = 32;
const FORM = /^[\w-]{43}$/;

export function newSecret(random: Random): string {
  const bytes = Buffer.alloc(BYTES);
  random.fill(bytes);
  return bytes.toString('base64url');
}

/** @returns undefined for what is no such secret */
export function secretHash(text: string): string | undefined {
  return FORM.test(text) ? createHash('sha256').update(text).digest('base64url') : undefined;
}
