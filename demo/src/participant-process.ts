/** A client process, as the demo holds it. */
import { ChildLink } from '@talaria/probe/harness';
import type { ChildProcess } from 'node:child_process';
import type { ClientEnd, ClientSetup, ClientState, Order, Report } from './client/orders.js';

const MAIN = new URL('./client/main.js', import.meta.url);
const ANSWER_MS = 40_000;
const NOTHING: ClientState = { connected: false, sent: 0, unacked: [], acked: 0, duplicates: [], received: 0, lostConnections: 0 };

export class ParticipantProcess {
  /** As it was a moment ago. */
  state: ClientState = NOTHING;
  private readonly link: ChildLink<Order, Report>;
  private nextAsk = 1;

  constructor(readonly name: string, register: (child: ChildProcess) => void) {
    this.link = new ChildLink<Order, Report>(`the client ${name}`, MAIN, register, (report) => {
      if (report.kind === 'failed') this.link.fail(report.message);
      else if (report.kind === 'progress') this.state = report.state;
    });
  }

  /** Resolves when it is connected. */
  async start(setup: ClientSetup): Promise<void> {
    await this.link.ask({ kind: 'start', setup }, (report) => (report.kind === 'ready' ? true : undefined), ANSWER_MS);
  }

  allow(pieces: number): void {
    this.link.tell({ kind: 'allow', pieces });
  }

  say(text: string): void {
    this.link.tell({ kind: 'say', text });
  }

  /** How it is now. */
  async ask(): Promise<ClientState> {
    const id = this.nextAsk++;
    this.state = await this.link.ask({ kind: 'ask', id }, (report) => (report.kind === 'state' && report.id === id ? report.state : undefined), ANSWER_MS);
    return this.state;
  }

  finish(headSeq: number): Promise<ClientEnd> {
    return this.link.ask({ kind: 'finish', headSeq }, (report) => (report.kind === 'finished' ? report.end : undefined), ANSWER_MS);
  }
}
