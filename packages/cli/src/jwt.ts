import { CliError } from './errors.js';

export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Reads a JWT (RFC 7519) without checking its signature: what it says may be a lie. @throws CliError usage */
export function decodeToken(token: string): DecodedToken {
  const parts = token.trim().split('.');
  if (parts.length !== 3)
    throw new CliError(
      'usage',
      'This is not a token: a token has three parts with dots between.',
      'Give it whole, as token mint prints it.',
    );
  return { header: partOf(parts[0]!, 'header'), claims: partOf(parts[1]!, 'claims') };
}

function partOf(text: string, name: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new CliError('usage', `This is not a token: its ${name} cannot be read.`, 'Give it whole, as token mint prints it.');
}
