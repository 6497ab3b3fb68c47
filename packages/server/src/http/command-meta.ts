import { limits, ProtocolError } from '@talaria/protocol';
import type { CommandMeta } from '../domain/commands/submit.js';
import type { IdSource } from '../runtime/random.js';
import { Lane } from '../storage/lane.js';
import type { Exchange } from './exchange.js';

/** A header's bytes above ASCII are read differently by every library on the way, and a key must be the same each time. */
const KEY = /^[\u0020-\u007e]+$/;

/**
 * What a command needs beside its input: its key (SND2), its trace, and a lane of its own, because HTTP promises no order
 * (SND4). The answer names the key, so that a caller who gave none can still ask again with the one that was made.
 *
 * @throws ProtocolError invalid_argument
 */
export function commandMeta({ request, traceId, headers }: Exchange, ids: IdSource): CommandMeta {
  const given = request.headers.get('idempotency-key');
  if (given !== undefined && (given.length > limits.client_id_chars_max || !KEY.test(given))) {
    throw new ProtocolError('invalid_argument', `Idempotency-Key must have 1 to ${limits.client_id_chars_max} printable ASCII characters.`, { field: 'Idempotency-Key' });
  }
  const clientId = given ?? ids.uuid();
  headers.push(['idempotency-key', clientId]);
  return { clientId, traceId, lane: new Lane() };
}
