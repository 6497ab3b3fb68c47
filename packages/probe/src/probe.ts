/** A client of one user that does what an app does, and records everything for the checker. */
import { connect, fileStore, type Client } from '@talaria/sdk';
import { connectAdmin, type Membership } from '@talaria/sdk/admin';
import { Away } from './away.js';
import { Observers } from './observers.js';
import { Recording, type Heard } from './recording.js';
import type { Heads, ProbeEnd, ProbeSetup, ProbeState } from './setup.js';
import { until } from './until.js';
import { User } from './user.js';

/** Nothing more is done while so many commands are not answered: an outbox has a bound (FLW3). */
const PENDING_MAX = 200;
const INBOX_ITEMS = 200;
/** A mark that was sent has been stored within this time. */
const MARKS_MS = 10_000;

export interface ProbeOptions {
  /** From 0 to below 1. Default: `Math.random`. */
  readonly random?: () => number;
}

export class Probe {
  private readonly client: Client;
  private readonly user: User;
  private readonly observers: Observers;
  private recording: Recording;
  private pace: NodeJS.Timeout | undefined;
  private acked = 0;
  private failed = 0;
  private duplicates = 0;
  private lostConnections = 0;
  private readonly away = new Away(() => performance.now());
  private problem: string | undefined;
  private readonly random: () => number;

  /**
   * Begins, or goes on where an earlier process with the same store and history has ended. One of them at a time.
   *
   * @throws Error when the history cannot be written
   */
  constructor(private readonly setup: ProbeSetup, { random = Math.random }: ProbeOptions = {}) {
    this.random = random;
    this.recording = new Recording(setup);
    this.client = connect({ url: setup.url, app: setup.publicKey, token: setup.token, ...(setup.storeFile === undefined ? {} : { store: fileStore(setup.storeFile) }) });
    this.observers = new Observers(this.recording, () => undefined);
    this.user = new User(setup, this.client, this.recording.recorder, (stream) => this.observers.reached(stream), this.recording.run, random);
    this.recording.listen(this.client, setup.userId, this.heard());
    this.client.on('resync', () => this.user.forget());
    this.client.on('status', ({ state }) => {
      if (state === 'connected') this.away.back();
    });
  }

  /** Resolves when the first connection stands. @throws TalariaError when the server will not have this client */
  async start(): Promise<void> {
    await this.observers.start(this.client);
    await this.client.ready();
  }

  /** Does something every so many milliseconds on average, whether it is connected or not. */
  run(paceMs: number): void {
    this.pause();
    const next = (waitMs: number): void => {
      this.pace = setTimeout(() => {
        if (this.client.pending < PENDING_MAX) this.user.act();
        next(paceMs * (0.5 + this.random()));
      }, waitMs);
    };
    // Each probe begins at a moment of its own.
    next(paceMs * this.random());
  }

  /** Does nothing more; what waits is still sent. */
  pause(): void {
    clearTimeout(this.pace);
    this.pace = undefined;
  }

  get state(): ProbeState {
    const { acked, failed, duplicates, lostConnections, problem } = this;
    return {
      connected: this.client.status.state === 'connected', invoked: this.user.invoked, pending: this.client.pending, acked, failed, duplicates,
      seen: this.observers.seen, lostConnections, away: this.away.counts, resyncs: this.observers.resyncs, problem,
    };
  }

  /** Goes on in another history. Call it when nothing is on its way: an answer would stand in the wrong one. */
  turn(historyDir: string): void {
    this.recording.close();
    this.recording = new Recording({ ...this.setup, historyDir });
    this.observers.turn(this.recording);
    this.user.turn(this.recording.recorder);
    this.recording.listen(this.client, this.setup.userId, this.heard());
  }

  /**
   * Waits until everything is answered and seen, reads what is unread, and closes client and history. What does not come within
   * `within_ms` is missing in the history, and the checker says so.
   */
  async finish(heads: Heads, within_ms: number): Promise<ProbeEnd> {
    this.pause();
    await until(() => this.client.pending === 0 && this.observers.drained(heads), within_ms);
    if (this.client.pending === 0) this.recording.giveUpLeft();
    if (this.client.status.state === 'connected') {
      await this.readMarks(heads);
      await this.readUnread(heads);
    }
    this.observers.end(heads);
    const behind = this.observers.behind(heads);
    // The consumer first: it must not find a history that is closed.
    await this.client.close();
    this.recording.close();
    return { behind, problem: this.problem };
  }

  private heard(): Heard {
    return {
      acked: (clientId, place) => {
        this.acked += 1;
        if (place.duplicate) this.duplicates += 1;
        this.user.acked(clientId, place);
      },
      failed: (clientId) => {
        this.failed += 1;
        this.user.failed(clientId);
      },
      lostConnection: () => {
        this.lostConnections += 1;
        this.away.left();
      },
      problem: (text) => void (this.problem = text),
    };
  }

  /**
   * Reads where the own read marks stand, as the counts are computed from them: the frame that shows a mark may have been lost with
   * a connection. A mark that was set is not lost (CNT3).
   */
  private async readMarks(heads: Heads): Promise<void> {
    const backend = connectAdmin({ url: this.setup.url, key: this.setup.token });
    for (const id of Object.keys(heads)) {
      // One that the server could not store is repaired by the next.
      if (this.user.markedIn(id) > 0) this.client.conversations.open(id).markRead(this.user.markedIn(id));
      let own: Membership | null | undefined;
      const stored = await until(async () => {
        own = (await backend.conversations.get({ conversation_id: id })).membership;
        return (own?.read_seq ?? 0) >= this.user.markedIn(id);
      }, MARKS_MS);
      if (own) this.recording.recorder.mark({ conversationId: id, userId: this.setup.userId, deliveredSeq: own.delivered_seq, readSeq: own.read_seq });
      if (!stored) this.problem ??= `the read mark in ${id} is lost`;
    }
  }

  private async readUnread(heads: Heads): Promise<void> {
    for (let after: string | undefined, more = true; more;) {
      const page = await this.client.conversations.list({ limit: INBOX_ITEMS, ...(after === undefined ? {} : { after }) });
      for (const { id, unread, headSeq } of page.conversations) if (id in heads) this.recording.recorder.unread(id, this.setup.userId, unread, headSeq);
      after = page.next;
      more = after !== undefined;
    }
  }
}
