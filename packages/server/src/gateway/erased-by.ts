import { isTombstone } from '@talaria/protocol';
import type { EventRow } from '../storage/rows.js';
import { parseStored } from '../storage/stored-json.js';

/** Facts of a user's stream that take the place of an earlier one, which is erased with them; and the field that names it. */
const REPLACING: Readonly<Record<string, string>> = {
  'draft.set': 'replaces', 'draft.cleared': 'replaces', 'message.released': 'held_seq', 'message.rejected': 'held_seq', 'message.unscheduled': 'scheduled_seq',
};

/** VIS4: the seq of what a fact has erased in its own stream; null for most. */
export function erasedBy(event: EventRow): number | null {
  if (isTombstone(event.type)) return event.targetSeq;
  const field = Object.hasOwn(REPLACING, event.type) ? REPLACING[event.type] : undefined;
  if (field === undefined) return null;
  const seq = (parseStored(event.payload) as Readonly<Record<string, unknown>>)[field];
  return typeof seq === 'number' ? seq : null;
}
