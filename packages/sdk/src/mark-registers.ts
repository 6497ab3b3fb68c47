/**
 * How far the members of conversations have seen and read: registers whose largest value wins (CNT3). A mark may be lost or come
 * late; the version of a conversation's marks tells, and what moved since is asked for.
 */

export interface MarkEvent {
  readonly conversationId: string;
  readonly userId: string;
  readonly deliveredSeq: number;
  readonly readSeq: number;
}

export interface VersionedMark extends MarkEvent {
  readonly version: number;
}

export interface MarkPage {
  /** Ascending by version. */
  readonly marks: readonly VersionedMark[];
  /** Of the conversation's marks. */
  readonly version: number;
  readonly more: boolean;
}

export interface MarkRegistersEvents {
  /** @throws TalariaError */
  list(conversationId: string, afterVersion: number): Promise<MarkPage>;
  /** Whether the app has opened the conversation: of others nobody asks. */
  opened(conversationId: string): boolean;
  moved(mark: MarkEvent): void;
}

interface Known {
  /** Every mark up to here has been seen. */
  version: number;
  readonly users: Map<string, VersionedMark>;
  asking: boolean;
}

/** Members of one conversation whose marks are remembered; of the others an old one might be shown again. */
const USERS_MAX = 1_000;

export class MarkRegisters {
  private readonly conversations = new Map<string, Known>();

  constructor(private readonly events: MarkRegistersEvents) {}

  /** The server has said which version the conversation's marks have. */
  version(conversationId: string, version: number): void {
    const known = this.conversations.get(conversationId);
    if (!known) this.conversations.set(conversationId, { version, users: new Map(), asking: false });
    else if (version > known.version && this.events.opened(conversationId)) void this.ask(conversationId, known);
  }

  /** A mark as it came. */
  received(mark: VersionedMark): void {
    const known = this.conversations.get(mark.conversationId) ?? { version: mark.version, users: new Map(), asking: false };
    this.conversations.set(mark.conversationId, known);
    this.take(known, mark);
    if (mark.version === known.version + 1) known.version = mark.version;
    else this.version(mark.conversationId, mark.version);
  }

  /** A mark that the app asked for: an older one that is still on its way is not shown after it. */
  asked(mark: VersionedMark): void {
    const known = this.conversations.get(mark.conversationId);
    if (known) this.take(known, mark);
  }

  /** RES5: the log is another one, and its marks are. @param conversationId empty for every conversation */
  forget(conversationId: string): void {
    if (conversationId === '') this.conversations.clear();
    else this.conversations.delete(conversationId);
  }

  private async ask(conversationId: string, known: Known): Promise<void> {
    if (known.asking) return;
    known.asking = true;
    try {
      for (let more = true; more && this.conversations.get(conversationId) === known;) {
        const page = await this.events.list(conversationId, known.version);
        for (const mark of page.marks) this.take(known, mark);
        more = page.more;
        known.version = Math.max(known.version, more ? page.marks.at(-1)?.version ?? 0 : page.version);
      }
    } catch {
      // The next heartbeat tells the version again.
    } finally {
      known.asking = false;
    }
  }

  private take({ users }: Known, { conversationId, userId, deliveredSeq, readSeq, version }: VersionedMark): void {
    const before = users.get(userId);
    const moves = !before || deliveredSeq > before.deliveredSeq || readSeq > before.readSeq;
    // A new one to where the mark is says that the user has read what they had marked unread (CNT3).
    const again = version > (before?.version ?? 0) && deliveredSeq === before?.deliveredSeq && readSeq === before.readSeq;
    if (!moves && !again) return;
    const mark = { conversationId, userId, deliveredSeq: Math.max(deliveredSeq, before?.deliveredSeq ?? 0), readSeq: Math.max(readSeq, before?.readSeq ?? 0) };
    users.delete(userId);
    users.set(userId, { ...mark, version: Math.max(version, before?.version ?? 0) });
    if (users.size > USERS_MAX) users.delete(users.keys().next().value!);
    this.events.moved(mark);
  }
}
