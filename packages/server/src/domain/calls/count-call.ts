import type { EventRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { Counts } from '../counts.js';

/** Whatever command it was that has begun or ended a call: a block, a leave, and time do so, too. */
export function countCall(counts: Counts, { type, payload }: Pick<EventRow, 'type' | 'payload'>): void {
  if (type === 'call.started') counts.callsStarted += 1;
  if (type !== 'call.ended') return;
  counts.callsEnded += 1;
  if ((parseStored(payload) as { readonly duration_ms: number | null }).duration_ms === null) counts.callsUnanswered += 1;
}
