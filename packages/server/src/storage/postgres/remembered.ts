import type { ConversationRow, MemberRow, StreamRow } from '../rows.js';

/** Rows of one conversation. */
export interface SendRows {
  conversation: ConversationRow | undefined;
  readonly members: Map<string, MemberRow>;
}

interface Kept extends SendRows {
  /** The conversation's last fact, behind which the rows were so. */
  readonly eventId: string;
  /** Another node had written before the last batch: it will have done so again. */
  readonly shared: boolean;
}

const ROWS_MAX = 50_000;

/**
 * What a send looks up in its conversation, as this node has last seen it. It is so still when the conversation's last fact is the
 * same, which the lock on the stream tells: roles, memberships and counts of own messages change with facts only. Marks do not,
 * so that nothing but sends may be decided by these rows.
 */
export class Remembered {
  /** By app first (ISO1). The longest unused conversation stands first. */
  private readonly apps = new Map<string, Map<string, Kept>>();
  private rows = 0;

  constructor(private readonly rows_max = ROWS_MAX) {}

  /** What is remembered, and most likely still so. */
  find(app: string, conversation: string): SendRows | undefined {
    const kept = this.apps.get(app)?.get(conversation);
    return kept?.shared ? undefined : kept;
  }

  /** @param stream as the lock shows it */
  at(stream: StreamRow): SendRows | undefined {
    const kept = this.apps.get(stream.app)?.get(stream.stream);
    return kept?.eventId === stream.headEventId ? kept : undefined;
  }

  /** @param stream as it has been committed @param before its last fact as it was locked @param rows what a batch has seen and changed */
  keep(stream: StreamRow, before: string, { conversation, members }: SendRows): void {
    const app = this.apps.get(stream.app) ?? new Map<string, Kept>();
    this.apps.set(stream.app, app);
    const known = app.get(stream.stream);
    const still = known?.eventId === before ? known : undefined;
    if (known) this.rows -= 1 + known.members.size;
    const kept: Kept = { eventId: stream.headEventId, shared: known !== undefined && !still, conversation: conversation ?? still?.conversation, members: still?.members ?? new Map<string, MemberRow>() };
    for (const [user, member] of members) kept.members.set(user, member);
    this.rows += 1 + kept.members.size;
    app.delete(stream.stream);
    app.set(stream.stream, kept);
    if (this.rows > this.rows_max) this.clear();
  }

  private clear(): void {
    this.apps.clear();
    this.rows = 0;
  }
}
