import type { MessageMore } from '@talaria/protocol';
import type { DraftFact } from '../../storage/unit-of-work.js';

/** A message on its way into the log, whoever's command brings it. */
export interface Sending {
  readonly app: string;
  readonly conversation: string;
  /** The sender; null for the backend. */
  readonly user: string | null;
  readonly payload: string;
  readonly silent: boolean;
  readonly more: MessageMore | null;
  /** Users whose streams may be written to. */
  readonly followers: readonly string[];
  /** Set when the sender is not who sends the command. */
  readonly by?: DraftFact['by'];
}
