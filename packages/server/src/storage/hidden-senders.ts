import { limits } from '@talaria/protocol';
import type { EntryLookups, EntryPlace } from './entries.js';
import type { Viewer } from './port.js';

const NOBODY: ReadonlySet<string> = new Set();

/** There while the user wants to see nothing of those whom they block. */
export const hidesBlockedPlace = (app: string, user: string): EntryPlace => ({ app, stream: user, type: 'hides_blocked', key: '', targetSeq: 0 });

/** VIS2: whose messages a viewer has chosen not to be shown in groups. */
export function hiddenSenders(tables: EntryLookups, app: string, viewer: Viewer): ReadonlySet<string> {
  // Most users have not: one lookup then.
  if (viewer === null || !tables.entry(hidesBlockedPlace(app, viewer))) return NOBODY;
  return new Set(tables.entriesOfType(app, viewer, 'block', null, limits.blocks_max).map(({ key }) => key));
}
