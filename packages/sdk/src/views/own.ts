/** What a user's own stream says of them, as far as screens need it: whom they block, what they hide, what they have begun to write. */
import type { Core } from '../core.js';
import { Emitter } from '../emitter.js';
import { emptyUser, foldUser, type DraftState, type MessageView, type UserState } from '../state/index.js';
import type { Fact } from '../streams/fact.js';
import { ask, Reader } from './source.js';

const PAGE_ITEMS = 200;

export interface OwnEvents {
  /** A fact of the user's own stream. */
  fact: Fact;
  /** What the user is shown of others may be another. */
  shows: { readonly more: boolean };
  drafts: undefined;
}

export class Own {
  readonly events = new Emitter<OwnEvents>();
  private state: UserState = emptyUser('');
  private readonly reader: Reader;
  private readonly draftReader: Reader;
  private since: Fact[] = [];
  private wanted = false;
  private wantsDrafts = false;
  private readonly stops: readonly (() => void)[];

  constructor(private readonly core: Core) {
    this.reader = new Reader(core, () => undefined);
    this.draftReader = new Reader(core, () => undefined);
    this.stops = [
      core.events.on('fact', (fact) => {
        if (fact.stream === core.info?.user_id) this.take(fact);
      }),
      core.events.on('skipped', ({ stream }) => this.again(stream)),
      core.events.on('resync', ({ stream }) => this.again(stream)),
    ];
  }

  /** From here on it is known whom the user blocks. */
  want(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.reader.run((current) => this.load(current));
  }

  wantDrafts(): void {
    if (this.wantsDrafts) return;
    this.wantsDrafts = true;
    void this.draftReader.run((current) => this.loadDrafts(current));
  }

  get drafts(): UserState['drafts'] {
    return this.state.drafts;
  }

  /** @param key the conversation, or the message that a thread began with */
  putDraft(key: string, draft: DraftState): void {
    if (draft.text === '' && Object.keys(draft.data).length === 0) this.state.drafts.delete(key);
    else this.state.drafts.set(key, draft);
  }

  /** What the user has chosen in an anonymous poll, if that was told. */
  vote(messageId: string): readonly string[] | undefined {
    return this.state.votes.get(messageId);
  }

  /** VIS2. @param direct whether the conversation is of two, where a block hides nothing */
  hides(message: MessageView, direct: boolean): boolean {
    return this.state.hidden.has(message.id) || (!direct && this.hidesUser(message.sender_id ?? ''));
  }

  /** Whether the user is not shown in groups what somebody says. */
  hidesUser(userId: string): boolean {
    return this.state.privacy?.['hide_blocked'] === true && this.state.blocked.has(userId);
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.reader.close();
    this.draftReader.close();
  }

  private take(fact: Fact): void {
    this.since.push(fact);
    if (this.since.length > PAGE_ITEMS) this.since.shift();
    foldUser(this.state, fact);
    if (fact.type.startsWith('draft.')) this.events.emit('drafts', undefined);
    if (['user.blocked', 'user.unblocked', 'privacy.set', 'message.hidden'].includes(fact.type)) this.events.emit('shows', { more: fact.type !== 'message.hidden' && fact.type !== 'user.blocked' });
    this.events.emit('fact', fact);
  }

  private async load(current: () => boolean): Promise<void> {
    this.since = [];
    const blocked: string[] = [];
    const privacy = await ask(this.core, 'privacy.get', { user_id: 'me' });
    for (let after: string | undefined; ;) {
      const page = await ask(this.core, 'blocks.list', { user_id: 'me', limit: PAGE_ITEMS, ...(after !== undefined && { after }) });
      blocked.push(...page.items.map(({ user_id: id }) => id));
      if (page.next === null) break;
      after = page.next;
    }
    if (!current()) return;
    const { since } = this;
    this.state.privacy = { ...privacy };
    this.state.blocked.clear();
    for (const id of blocked) this.state.blocked.add(id);
    for (const fact of since) foldUser(this.state, fact);
    if (privacy.hide_blocked) this.events.emit('shows', { more: false });
  }

  private async loadDrafts(current: () => boolean): Promise<void> {
    const began = this.state.head_seq;
    const found: (readonly [string, DraftState])[] = [];
    for (let after: string | undefined; ;) {
      const page = await ask(this.core, 'drafts.list', { user_id: 'me', limit: PAGE_ITEMS, ...(after !== undefined && { after }) });
      found.push(...page.items.map(({ conversation_id: conversation, thread_id: thread, text, data, time_ms }) => [thread ?? conversation, { text, data, time_ms }] as const));
      if (page.next === null) break;
      after = page.next;
    }
    if (!current()) return;
    this.state.drafts.clear();
    for (const [key, draft] of found) this.state.drafts.set(key, draft);
    for (const fact of this.since) if (fact.seq > began && fact.type.startsWith('draft.')) foldUser(this.state, fact);
    this.events.emit('drafts', undefined);
  }

  /** Something of the own stream was not told. */
  private again(stream: string): void {
    if (stream !== '' && stream !== this.core.info?.user_id) return;
    if (this.wanted) void this.reader.run((current) => this.load(current));
    if (this.wantsDrafts) void this.draftReader.run((current) => this.loadDrafts(current));
    this.events.emit('shows', { more: true });
  }
}
