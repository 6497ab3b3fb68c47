/** Who may send signals in a conversation. Read once for each sender, and forgotten by the very facts that change it (ISO3). */
import type { Standing } from '../domain/signals/signal.js';
import type { EventRow } from '../storage/rows.js';
import { parseStored } from '../storage/stored-json.js';

/** Senders of one conversation who are remembered; the one asked about longest ago is asked about again. */
export const STANDINGS_MAX = 1_000;

/** Facts by which anybody's standing may have changed, and those by which one member's has. */
const OF_ALL: ReadonlySet<string> = new Set(['conversation.settings_set', 'contact.closed', 'contact.opened']);
const OF_ONE: ReadonlySet<string> = new Set(['member.joined', 'member.updated', 'member.left']);

export class Standings {
  private readonly known = new Map<string, Standing | Promise<Standing>>();

  get size(): number {
    return this.known.size;
  }

  /**
   * @param read asks the storage; not called while the answer is known, or being read
   * @returns at once when it is known. A promise that rejects is asked for again the next time
   */
  of(user: string, read: () => Promise<Standing>): Standing | Promise<Standing> {
    const known = this.known.get(user);
    if (known !== undefined) return known;
    const reading: Promise<Standing> = read().then((standing) => {
      // What was read before a fact that has forgotten it is not kept.
      if (this.known.get(user) === reading) this.known.set(user, standing);
      return standing;
    }, (error: unknown) => {
      if (this.known.get(user) === reading) this.known.delete(user);
      throw error;
    });
    this.known.set(user, reading);
    if (this.known.size > STANDINGS_MAX) this.known.delete(this.known.keys().next().value!);
    return reading;
  }

  heard(fact: Pick<EventRow, 'type' | 'payload'>): void {
    if (OF_ALL.has(fact.type)) this.clear();
    else if (OF_ONE.has(fact.type)) this.known.delete((parseStored(fact.payload) as { user_id: string }).user_id);
  }

  /** Facts have been passed over. */
  clear(): void {
    this.known.clear();
  }
}
