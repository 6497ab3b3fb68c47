/** A link to join, as its conversation keeps it. */
import type { EntryPlace } from '../../storage/entries.js';
import type { EntryRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';

export interface JoinLink {
  readonly role: string;
  readonly created_by: string | null;
  readonly created_ms: number;
  readonly expires_ms: number | null;
  readonly uses_max: number | null;
  /** How many have come in by it. */
  readonly uses: number;
  readonly approval: boolean;
}

const SEQ_DIGITS = 16;
export const linkKey = (seq: number): string => seq.toString().padStart(SEQ_DIGITS, '0');
export const linkPlace = (app: string, conversation: string, linkSeq: number) => ({ app, stream: conversation, type: 'join_link', key: linkKey(linkSeq), targetSeq: 0 }) as const satisfies EntryPlace;
export const parseLink = (row: EntryRow): JoinLink => parseStored(row.value) as JoinLink;

export function isUsedUp({ uses, uses_max }: JoinLink): boolean {
  return uses_max !== null && uses >= uses_max;
}

/** In the transaction that lets one in by it: so `uses_max` holds also when many join at once. */
export function countUse(work: UnitOfWork, entry: EntryRow): void {
  const link = parseLink(entry);
  work.putEntry({ ...entry, value: JSON.stringify({ ...link, uses: link.uses + 1 } satisfies JoinLink) });
}
