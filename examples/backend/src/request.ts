/** What comes from outside, bounded and checked before anything is done with it. */
import type { IncomingMessage } from 'node:http';

const BODY_BYTES_MAX = 16_384;

/** A refusal for whoever asked. */
export class HttpError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** @throws HttpError 413, 415, 400 */
export async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  // No form of another site can send this type, unasked.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) throw new HttpError(415, 'Send application/json.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_BYTES_MAX) throw new HttpError(413, `Send ${BODY_BYTES_MAX} bytes at most.`);
    chunks.push(chunk as Buffer);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below, as for other values.
  }
  throw new HttpError(400, 'Send a JSON object.');
}

/** @param max characters @throws HttpError 400 */
export function textOf(input: Readonly<Record<string, unknown>>, name: string, max: number): string {
  const value = input[name];
  if (typeof value !== 'string' || value === '' || value.length > max) throw new HttpError(400, `${name} is a text of 1 to ${max} characters.`);
  return value;
}
