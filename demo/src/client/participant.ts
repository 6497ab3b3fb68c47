/** One user with one client: sends what it may, records what happens, and answers the demo. */
import { messageHash, type Recorder, type SeenRange } from '@talaria/checker';
import { Recording, until } from '@talaria/probe';
import { connect, fileStore, type Client, type Consumption, type Conversation, type Fact } from '@talaria/sdk';
import { placeOf, textOf } from '../pieces.js';
import type { ClientEnd, ClientSetup, ClientState } from './orders.js';

const MARK_EVERY_FACTS = 25;
/** What is missing then, the checker finds. */
const DRAIN_MS = 15_000;

/** The name of the one observer of each client: its durable consumer. */
const OBSERVER = 'consumer';

export class Participant {
  private readonly recording: Recording;
  private readonly recorder: Recorder;
  private readonly client: Client;
  private readonly conversation: Conversation;
  private readonly received: { sender: string; text: string }[] = [];
  private consumption: Consumption | undefined;
  private allowed = 0;
  private sent = 0;
  private acked = 0;
  private readonly duplicates: string[] = [];
  private lostConnections = 0;
  private connected = false;
  private foreign = 0;
  private facts = 0;
  private lastFact: { seq: number; type: string } | undefined;
  private reachedSeq = 0;
  private removedAtSeq: number | undefined;
  private ownReadSeq = 0;
  private problem: string | undefined;

  constructor(private readonly setup: ClientSetup) {
    this.recording = new Recording(setup);
    this.recorder = this.recording.recorder;
    this.client = connect({ url: setup.url, app: setup.publicKey, token: setup.token, store: fileStore(setup.storeFile) });
    this.listen();
    this.conversation = this.client.conversations.open(setup.conversation);
  }

  /** Resolves when the first connection stands. */
  async start(): Promise<void> {
    this.recording.begin(OBSERVER, this.setup.conversation, 0);
    const onSkipped = (range: SeenRange): void => {
      this.reachedSeq = Math.max(this.reachedSeq, range.stream === this.setup.conversation ? range.toSeq : 0);
      if (!isUserStream(range.stream)) this.recording.skipped(OBSERVER, range);
    };
    this.consumption = await this.client.consume('demo', (fact) => this.take(fact), { from: 'start', onSkipped });
    await this.client.ready();
    const send = setInterval(() => this.sendNext(), this.setup.paceMs);
    send.unref();
  }

  get state(): ClientState {
    const { connected, sent, acked, duplicates, lostConnections } = this;
    return { connected, sent, acked, duplicates, lostConnections, received: this.received.length, unacked: this.recorder.unacked };
  }

  allow(pieces: number): void {
    this.allowed = pieces;
  }

  /** Sends a text that must not leave the app. */
  say(text: string): void {
    this.recorder.canary(this.setup.appId, messageHash(text, {}));
    this.send(text, {});
  }

  /** Waits until everything is seen, and closes the history. */
  async finish(headSeq: number): Promise<ClientEnd> {
    const goal = (): boolean => this.reachedSeq >= (this.removedAtSeq ?? headSeq);
    await until(() => goal() && this.recorder.unacked.length === 0 && (this.consumption?.idle ?? true), DRAIN_MS);
    if (this.removedAtSeq === undefined) await this.readUnread(headSeq);
    this.recorder.end(OBSERVER, this.setup.conversation, headSeq);
    await this.client.close();
    this.recording.close();
    const { received, lastFact, removedAtSeq, foreign, problem } = this;
    return { received, lastFact, removedAtSeq, foreign, problem };
  }

  private listen(): void {
    this.recording.listen(this.client, this.setup.userId, {
      acked: (clientId, { duplicate }) => {
        this.acked += 1;
        if (duplicate) this.duplicates.push(clientId);
      },
      lostConnection: () => void (this.lostConnections += 1),
      ownMark: (_, readSeq) => void (this.ownReadSeq = readSeq),
      problem: (text) => void (this.problem = text),
    });
    this.client.on('status', ({ state }) => void (this.connected = state === 'connected'));
  }

  private sendNext(): void {
    const piece = this.setup.pieces[this.sent];
    if (piece === undefined || this.sent >= this.allowed) return;
    this.sent += 1;
    this.send(piece.text, { ...piece.place });
  }

  private send(text: string, data: Readonly<Record<string, unknown>>): void {
    // The SDK writes to its outbox before it sends, so the line below stands in the history before the command is out.
    const message = this.conversation.send({ text, data });
    this.recorder.invokeSend(message.clientId, this.setup.conversation, text, data);
    message.queued.catch((error: unknown) => void (this.problem = String(error)));
  }

  private take(fact: Fact): void {
    if (JSON.stringify(fact.body).includes(this.setup.foreignText)) this.foreign += 1;
    if (isUserStream(fact.stream)) {
      if (fact.type === 'conversation.removed') this.removedAtSeq = Number(fact.body['left_seq']);
      return;
    }
    this.recording.fact(OBSERVER, fact);
    if (fact.stream !== this.setup.conversation) return;
    this.lastFact = { seq: fact.seq, type: fact.type };
    this.reachedSeq = Math.max(this.reachedSeq, fact.seq);
    this.takeText(fact);
    this.facts += 1;
    if (this.facts % MARK_EVERY_FACTS === 0) this.conversation.markRead(fact.seq);
  }

  private takeText({ type, actor, body }: Fact): void {
    if (type !== 'message.created' || actor === this.setup.userId) return;
    const { text, data } = body as { text: string; data: Readonly<Record<string, unknown>> };
    const place = placeOf(data);
    if (place !== undefined) this.received.push({ sender: actor, text: textOf({ text, place }) });
  }

  /** Reads up to the head, and asks what is left. */
  private async readUnread(headSeq: number): Promise<void> {
    this.conversation.markRead(headSeq);
    await until(() => this.ownReadSeq >= headSeq, DRAIN_MS);
    const { conversations } = await this.client.conversations.list();
    const own = conversations.find(({ id }) => id === this.setup.conversation);
    if (own !== undefined) this.recorder.unread(own.id, this.setup.userId, own.unread, own.headSeq);
  }
}

function isUserStream(stream: string): boolean {
  return stream.startsWith('u_');
}
