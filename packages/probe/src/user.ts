/** What the user of an app does, one thing at a time: sends, edits, deletes, reads. */
import { contentHash, messageHash, type Recorder } from '@talaria/checker';
import { createUuid7, uuidText } from '@talaria/protocol';
import type { Client, Conversation } from '@talaria/sdk';
import { randomFillSync } from 'node:crypto';
import { usualMix, type ProbeMix, type ProbeSetup } from './setup.js';

/** Own messages that may still be edited or deleted. */
const OWN_MAX = 50;

type Deed = keyof ProbeMix;

/** What a user may change later: of a message, its id and where it is. */
interface OwnMessage {
  readonly id: string;
  readonly conversation: string;
}

export class User {
  invoked = 0;
  private sends = 0;
  private readonly own: OwnMessage[] = [];
  private readonly sending = new Set<string>();
  private readonly markedSeq = new Map<string, number>();
  private readonly newUuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });

  /**
   * @param reached up to where the user has seen a conversation
   * @param run tells texts of one process from those of the next @param random from 0 to below 1
   */
  constructor(
    private readonly setup: ProbeSetup, private readonly client: Client, private recorder: Recorder, private readonly reached: (stream: string) => number,
    private readonly run: number, private readonly random: () => number,
  ) {}

  /** Goes on in another history. */
  turn(recorder: Recorder): void {
    this.recorder = recorder;
  }

  /** Does one thing, in one of the conversations. */
  act(): void {
    const conversation = this.client.conversations.open(this.pick(this.setup.conversations));
    switch (this.deed()) {
      case 'send': this.send(conversation); return;
      case 'edit': this.edit(); return;
      case 'remove': this.remove(); return;
      case 'mark': this.mark(conversation);
    }
  }

  /** A command was answered: a message that was sent may be edited from now on. */
  acked(clientId: string, place: { readonly id: string; readonly conversationId: string }): void {
    if (!this.sending.delete(clientId)) return;
    this.own.push({ id: place.id, conversation: place.conversationId });
    if (this.own.length > OWN_MAX) this.own.shift();
  }

  failed(clientId: string): void {
    this.sending.delete(clientId);
  }

  /** The last read mark that was set in a conversation, or 0. */
  markedIn(conversation: string): number {
    return this.markedSeq.get(conversation) ?? 0;
  }

  /** The log is another one: what was there may be no more. */
  forget(): void {
    this.own.length = 0;
    this.markedSeq.clear();
  }

  private send(conversation: Conversation): void {
    this.sends += 1;
    const text = `${this.setup.name} ${this.run}.${this.sends} `.padEnd(this.setup.textChars ?? 0, 'x');
    // H8: one text of each process is declared to be of this app only.
    if (this.sends === 1) this.recorder.canary(this.setup.appId, messageHash(text, {}));
    // The SDK writes to its outbox before it sends, so the line below stands in the history before the command is out.
    const message = conversation.send(text);
    this.recorder.invokeSend(message.clientId, conversation.id, text, {});
    this.sending.add(message.clientId);
    this.invoked += 1;
    // Whoever listens to `failed` knows.
    message.queued.catch(() => undefined);
    message.sent.catch(() => undefined);
  }

  private edit(): void {
    const message = this.own[Math.floor(this.random() * this.own.length)];
    if (message === undefined) return;
    const text = `${this.setup.name} ${this.run}.${this.invoked} edited`;
    const clientId = this.command('message.edit', message, contentHash('message.updated', { text }));
    void this.client.conversations.open(message.conversation).edit(message, { text }, { clientId }).catch(() => undefined);
  }

  private remove(): void {
    const [message] = this.own.splice(Math.floor(this.random() * this.own.length), 1);
    if (message === undefined) return;
    const clientId = this.command('message.delete', message);
    void this.client.conversations.open(message.conversation).remove(message, { clientId }).catch(() => undefined);
  }

  private command(op: string, message: OwnMessage, body?: string): string {
    const clientId = uuidText(this.newUuid());
    this.recorder.invoke(clientId, op, message.conversation, body);
    this.invoked += 1;
    return clientId;
  }

  private mark(conversation: Conversation): void {
    const upTo = this.reached(conversation.id);
    if (upTo === 0) return;
    this.markedSeq.set(conversation.id, Math.max(this.markedSeq.get(conversation.id) ?? 0, upTo));
    conversation.markRead(upTo);
  }

  private deed(): Deed {
    const mix = this.setup.mix ?? usualMix;
    let rest = this.random() * (mix.send + mix.edit + mix.remove + mix.mark);
    for (const deed of ['edit', 'remove', 'mark'] as const) {
      rest -= mix[deed];
      if (rest < 0) return deed;
    }
    return 'send';
  }

  private pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)]!;
  }
}
