import { ProtocolError } from '@talaria/protocol';

/**
 * JSON that this program wrote, as the disk gives it back. A disk may give back something else that SQLite cannot tell
 * from what was written. The text is nobody's business, so the error does not repeat it.
 *
 * @throws ProtocolError unavailable
 */
export function parseStored(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ProtocolError('unavailable', 'What is stored here is damaged.', { cause: new Error('a stored value is not the JSON that was written') });
  }
}
