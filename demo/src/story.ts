/** What happens in the run, in order: sending all the while, cuts, a kill, a removal. */
import type { HistoryWriter } from '@talaria/checker';
import type { Progress, Proxy, ServerProcess } from '@talaria/probe/harness';
import type { ClientEnd, ClientState } from './client/orders.js';
import { factPages } from './log.js';
import type { ParticipantProcess } from './participant-process.js';
import type { AppStage } from './stage.js';

export interface Cast {
  readonly alice: ParticipantProcess;
  readonly bob: ParticipantProcess;
  readonly carol: ParticipantProcess;
  /** The other app's alice. */
  readonly stranger: ParticipantProcess;
}

export interface Setting {
  readonly a: AppStage;
  readonly b: AppStage;
  readonly cast: Cast;
  readonly proxy: Proxy;
  /** Faults are written here. */
  readonly history: HistoryWriter;
  readonly progress: Progress;
  /** How many messages the file makes. */
  readonly pieces: number;
  readonly paceMs: number;
  kill(): Promise<void>;
  restart(): Promise<ServerProcess>;
}

/** What the run did, beside what the histories say. */
export interface Told {
  readonly cuts: number;
  readonly connectionsCut: number;
  readonly kills: number;
  readonly unackedAtKill: number;
  /** Of those, committed before the kill: their acks never came. */
  readonly committedAtKill: number;
  /** Of those, answered as a duplicate afterwards. */
  readonly duplicatesOfKill: number;
  readonly duplicates: number;
  readonly carolLeftSeq: number;
  readonly ends: Readonly<Record<keyof Cast, ClientEnd>>;
}

/** Parts of the file after which something happens. */
const CUTS_BEFORE_KILL = [0.1, 0.22, 0.34];
const KILL = 0.5;
const REMOVAL = 0.62;
const CUTS_AFTER_KILL = [0.74, 0.88];
/** How long answers are kept back before a cut or a kill, about. */
const HELD_MS = 400;
/** What was on its way when answers began to be kept back arrives within this time. */
const SETTLE_MS = 150;
const WAIT_MS = 30_000;
const COMMIT_MS = 5_000;
const POLL_MS = 50;

export class Story {
  private cuts = 0;
  private connectionsCut = 0;

  constructor(private readonly setting: Setting) {}

  async play(): Promise<Told> {
    const { cast, a, b, pieces } = this.setting;
    cast.alice.say(a.canary);
    cast.stranger.say(b.canary);
    const killAt = Math.max(1, this.at(KILL));
    for (const part of CUTS_BEFORE_KILL) await this.cutAt(Math.min(this.at(part), killAt - 1));
    const kill = await this.killAt(killAt);
    const carolLeftSeq = await this.removeCarolAt(this.at(REMOVAL));
    for (const part of CUTS_AFTER_KILL) await this.cutAt(this.at(part));
    cast.stranger.say(b.canary);
    await this.sendUpTo(pieces, 'sending the rest');
    await this.allAnswered();
    const duplicates = new Set((await this.states()).flatMap((state) => state.duplicates));
    return {
      cuts: this.cuts, connectionsCut: this.connectionsCut, kills: 1, unackedAtKill: kill.unacked.length, committedAtKill: kill.committed,
      duplicatesOfKill: kill.unacked.filter((clientId) => duplicates.has(clientId)).length, duplicates: duplicates.size, carolLeftSeq, ends: await this.finish(),
    };
  }

  private at(part: number): number {
    return Math.floor(this.setting.pieces * part);
  }

  private get all(): readonly ParticipantProcess[] {
    const { cast } = this.setting;
    return Object.values<ParticipantProcess>({ ...cast });
  }

  private get senders(): readonly ParticipantProcess[] {
    return [this.setting.cast.alice, this.setting.cast.bob];
  }

  private states(): Promise<ClientState[]> {
    return Promise.all(this.all.map((participant) => participant.ask()));
  }

  private async cutAt(pieces: number): Promise<void> {
    const unacked = await this.holdAt(pieces, 'about to cut every connection');
    const { history, proxy } = this.setting;
    history.write({ k: 'fault', name: 'connection.cut', in_flight: unacked.length });
    this.cuts += 1;
    this.connectionsCut += proxy.cut();
  }

  private async killAt(pieces: number): Promise<{ readonly unacked: readonly string[]; readonly committed: number }> {
    const unacked = await this.holdAt(pieces, 'about to kill the server');
    const committed = await this.committedOf(unacked);
    const { setting } = this;
    const { history, proxy } = setting;
    history.write({ k: 'fault', name: 'server.kill', in_flight: unacked.length });
    proxy.leadTo(undefined);
    await setting.kill();
    proxy.cut();
    this.show('killed the server, starting it again on the same directory');
    proxy.leadTo((await setting.restart()).port);
    return { unacked, committed };
  }

  /** The backend removes her while the others go on. */
  private async removeCarolAt(pieces: number): Promise<number> {
    const { a, cast } = this.setting;
    await this.connected();
    for (const sender of this.senders) sender.allow(pieces + this.held);
    await this.until(() => this.senders.every((sender) => sender.state.sent >= pieces), 'sending');
    const { seq } = await a.api.call<{ seq: number }>('DELETE', `/v1/conversations/${a.group}/members/${a.actor('carol').id}`);
    cast.alice.say(a.canary);
    return seq;
  }

  /**
   * Sends up to a piece of the file, and keeps back the answers to the last few before it: their commands are committed,
   * and their acks never arrive. @returns the commands of all clients that are not answered
   */
  private async holdAt(pieces: number, then: string): Promise<string[]> {
    await this.sendUpTo(Math.max(0, pieces - this.held), 'sending');
    await this.connected();
    this.setting.proxy.hold();
    await this.sendUpTo(pieces, `keeping answers back, ${then}`);
    await sleep(SETTLE_MS);
    return (await this.states()).flatMap((state) => state.unacked);
  }

  /** How many pieces are sent while answers are kept back. */
  private get held(): number {
    return Math.max(1, Math.round(HELD_MS / this.setting.paceMs));
  }

  private async sendUpTo(pieces: number, doing: string): Promise<void> {
    const wanted = Math.min(pieces, this.setting.pieces);
    for (const sender of this.senders) sender.allow(wanted);
    await this.until(() => this.senders.every((sender) => sender.state.sent >= wanted), doing);
  }

  private connected(): Promise<void> {
    return this.until(() => this.all.every((participant) => participant.state.connected), 'connecting again');
  }

  private allAnswered(): Promise<void> {
    return this.until(() => this.all.every((participant) => participant.state.unacked.length === 0), 'waiting for the last answers');
  }

  /** How many of these commands the log has already. Waits for the first. */
  private async committedOf(clientIds: readonly string[]): Promise<number> {
    const wanted = new Set(clientIds);
    let committed = 0;
    for (const endMs = Date.now() + COMMIT_MS; wanted.size > 0 && committed === 0 && Date.now() < endMs; await sleep(POLL_MS)) {
      for await (const { items } of factPages(this.setting.a)) committed += items.filter((fact) => wanted.has(fact.client_id ?? '')).length;
    }
    return committed;
  }

  private async finish(): Promise<Told['ends']> {
    const { a, b, cast } = this.setting;
    this.show('seeing everything up to the end of the log');
    const [headA, headB] = await Promise.all([a, b].map((app) => headSeq(app)));
    const [alice, bob, carol, stranger] = await Promise.all([
      cast.alice.finish(headA ?? 0), cast.bob.finish(headA ?? 0), cast.carol.finish(headA ?? 0), cast.stranger.finish(headB ?? 0),
    ]);
    return { alice, bob, carol, stranger };
  }

  /** @throws Error when it does not come about: the run cannot go on */
  private async until(condition: () => boolean, doing: string): Promise<void> {
    for (const endMs = Date.now() + this.waitMs; ; await sleep(POLL_MS)) {
      await this.states();
      this.show(doing);
      if (condition()) return;
      if (Date.now() > endMs) throw new Error(`gave up while ${doing}: it took more than ${Math.round(this.waitMs / 1_000)} s`);
    }
  }

  /** A long file takes its time. */
  private get waitMs(): number {
    return WAIT_MS + this.setting.pieces * this.setting.paceMs * 2;
  }

  private show(doing: string): void {
    const { cast, progress, pieces } = this.setting;
    const sum = (count: (state: ClientState) => number): number => this.all.reduce((total, { state }) => total + count(state), 0);
    const { alice, bob } = cast;
    progress.show(`alice ${alice.state.sent}/${pieces}, bob ${bob.state.sent}/${pieces} sent, ${sum((state) => state.unacked.length)} unacked, `
      + `${sum((state) => state.duplicates.length)} duplicates, ${this.cuts} cuts: ${doing}`);
  }
}

async function headSeq({ api, group }: AppStage): Promise<number> {
  return (await api.call<{ head_seq: number }>('GET', `/v1/conversations/${group}`)).head_seq;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
