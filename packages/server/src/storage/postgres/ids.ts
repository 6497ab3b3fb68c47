/** Ids as the tables keep them: UUIDs. The prefix comes back from the column's meaning. */
import { formatId, type IdKind } from '@talaria/protocol';
import { idBytes } from '../ids.js';

const CACHE_MAX = 20_000;

export interface IdCodec {
  /** @param id a shown id of any kind */
  uuid(id: string): string;
  text(kind: IdKind, uuid: string): string;
}

/** Keeps the last few thousand conversions: apps, streams and users repeat all the time. */
export function createIdCodec(): IdCodec {
  const uuids = new Map<string, string>();
  const texts = new Map<string, string>();
  const through = (known: Map<string, string>, key: string, make: () => string): string => {
    const hit = known.get(key);
    if (hit !== undefined) return hit;
    const made = make();
    if (known.size >= CACHE_MAX) known.clear();
    known.set(key, made);
    return made;
  };
  return {
    uuid: (id) => through(uuids, id, () => toUuid(id)),
    text: (kind, uuid) => through(texts, `${kind} ${uuid}`, () => formatId(kind, Buffer.from(uuid.replaceAll('-', ''), 'hex'))),
  };
}

function toUuid(id: string): string {
  const hex = Buffer.from(idBytes(id)).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Before and behind every id. */
export const FIRST_UUID = '00000000-0000-0000-0000-000000000000';
