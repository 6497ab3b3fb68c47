import type { ConversationRow, MemberRow, StreamRow } from './rows.js';

/** Each gives a fresh object, which may be changed. */
export interface RowSource {
  stream(app: string, stream: string): StreamRow | undefined;
  conversation(app: string, id: string): ConversationRow | undefined;
  member(app: string, conversation: string, user: string): MemberRow | undefined;
}

interface AppRows {
  readonly streams: Map<string, StreamRow | undefined>;
  readonly conversations: Map<string, ConversationRow | undefined>;
  readonly members: Map<string, Map<string, MemberRow | undefined>>;
}

/**
 * Rows as they were last committed, read when they are first asked for. A driver that alone writes its database keeps them
 * between transactions: what is busy need not be read each time. By app first (ISO1), in maps within maps: to join ids into
 * one key for each look-up costs more than the look-ups.
 */
export class KnownRows {
  private readonly apps = new Map<string, AppRows>();
  private count = 0;

  constructor(private readonly source: RowSource) {}

  stream(app: string, id: string): StreamRow | undefined {
    return this.through(this.of(app).streams, id, () => this.source.stream(app, id));
  }

  conversation(app: string, id: string): ConversationRow | undefined {
    return this.through(this.of(app).conversations, id, () => this.source.conversation(app, id));
  }

  member(app: string, conversation: string, user: string): MemberRow | undefined {
    return this.through(this.membersOf(app, conversation), user, () => this.source.member(app, conversation, user));
  }

  addStream(row: StreamRow): void {
    this.put(this.of(row.app).streams, row.stream, row);
  }

  addConversation(row: ConversationRow): void {
    this.put(this.of(row.app).conversations, row.id, row);
  }

  addMember(row: MemberRow): void {
    this.put(this.membersOf(row.app, row.conversation), row.user, row);
  }

  /** Forgets everything when it is more than that. */
  trim(rows_max: number): void {
    if (this.count > rows_max) this.clear();
  }

  clear(): void {
    this.apps.clear();
    this.count = 0;
  }

  /** That there is no such row is remembered, too. */
  private through<T>(rows: Map<string, T | undefined>, id: string, read: () => T | undefined): T | undefined {
    const known = rows.get(id);
    if (known !== undefined || rows.has(id)) return known;
    const row = read();
    this.put(rows, id, row);
    return row;
  }

  private put<T>(rows: Map<string, T>, id: string, row: T): void {
    if (!rows.has(id)) this.count += 1;
    rows.set(id, row);
  }

  private of(app: string): AppRows {
    let rows = this.apps.get(app);
    if (!rows) {
      rows = { streams: new Map(), conversations: new Map(), members: new Map() };
      this.apps.set(app, rows);
    }
    return rows;
  }

  private membersOf(app: string, conversation: string): Map<string, MemberRow | undefined> {
    const { members } = this.of(app);
    let rows = members.get(conversation);
    if (!rows) {
      rows = new Map();
      members.set(conversation, rows);
    }
    return rows;
  }
}
