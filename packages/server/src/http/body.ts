import { checkJsonText, ProtocolError } from '@talaria/protocol';
import type { HttpRequest } from '../runtime/http-message.js';

const decoder = new TextDecoder('utf-8', { fatal: true });
const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * The fields of a JSON body. No body is an empty object, for operations whose fields are all optional.
 *
 * @throws ProtocolError unsupported_media_type, invalid_argument
 */
export function readBody(request: HttpRequest): Record<string, unknown> {
  const type = request.headers.get('content-type');
  if (type === undefined ? request.body.length > 0 : !JSON_TYPE.test(type.trim())) throw new ProtocolError('unsupported_media_type');
  const coding = request.headers.get('content-encoding');
  // A small body that unpacks to a large one is an old trick.
  if (coding !== undefined && coding.trim().toLowerCase() !== 'identity') throw new ProtocolError('unsupported_media_type', 'The body must not be compressed.');
  if (request.body.length === 0) return {};
  const value = checkJsonText(textOf(request.body));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ProtocolError('invalid_argument', 'The body must be a JSON object.');
  return value as Record<string, unknown>;
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ProtocolError('invalid_argument', 'The body is not UTF-8.', { cause });
  }
}
