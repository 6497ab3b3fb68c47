import { createUuid7, formatId, uuidText, type IdKind } from '@talaria/protocol';

/** Client ids are made at this moment, unless a test says otherwise. */
export const CLIENT_MS = 1_700_000_000_000;

export interface TestIds {
  id(kind: IdKind): string;
  /** A client id, made at a moment. */
  clientId(atMs?: number): string;
}

/** Ids that are the same in each run. */
export function createTestIds(seed: number): TestIds {
  let state = seed;
  const fill = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      bytes[at] = state >>> 24;
    }
  };
  let nowMs = CLIENT_MS;
  const next = createUuid7({ now: () => (nowMs += 1), fill });
  return {
    id: (kind) => formatId(kind, next()),
    clientId(atMs) {
      if (atMs === undefined) return uuidText(next());
      return uuidText(createUuid7({ now: () => atMs, fill })());
    },
  };
}
