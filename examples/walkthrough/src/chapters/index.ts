/** The chapters, in the order in which they are played. A new one is a file beside this one, and a line here. */
import type { Stage } from '../stage.js';
import { calls } from './calls.js';
import { conversations } from './conversations.js';
import { identity } from './identity.js';
import { insight } from './insight.js';
import { joining } from './joining.js';
import { livePart } from './live.js';
import { messages } from './messages.js';
import { own } from './own.js';
import { people } from './people.js';
import { polls } from './polls.js';
import { previews } from './previews.js';
import { privacy } from './privacy.js';
import { receipts } from './receipts.js';
import { search } from './search.js';
import { settings } from './settings.js';
import { waiting } from './waiting.js';

export type Chapter = (stage: Stage) => Promise<void>;

export const chapters: readonly Chapter[] = [
  people, conversations, settings, joining, messages, polls, own, waiting, receipts, livePart, calls, search, previews,
  privacy, insight,
  // It deactivates people, so it is the last one.
  identity,
];
