/** Tokens as an attacker makes them: any header, any claims, any signature. */
import { createHmac } from 'node:crypto';

const encode = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export type Sign = (input: string) => string;

export const hmac = (secret: string | Uint8Array, hash: 'sha256' | 'sha384' | 'sha512' = 'sha256'): Sign => (input) => createHmac(hash, secret).update(input).digest('base64url');

export function forge(header: unknown, claims: unknown, sign: Sign): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign(input)}`;
}
