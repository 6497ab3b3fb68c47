/** The bus between nodes: it loses, repeats, delays and reorders, and leaves nodes out (CLU2). Within a node it is a call. */
import type { Bus, BusMessage } from '@talaria/server/internals';
import type { Dice } from './dice.js';
import type { Life } from './life.js';

/** In ms; and what of a hundred messages goes wrong on any day. */
const LATENCY = { least: 0.5, most: 15 };
const LATE_MS = 1_500;
const USUAL_TROUBLE_PCT = 1;

interface Member {
  readonly at: number;
  readonly life: Life;
  readonly handlers: Set<(message: BusMessage) => void>;
  readonly follows: Map<string, number>;
}

export class BusHub {
  private readonly members = new Set<Member>();
  /** How much of what is said is lost, comes twice, or comes late, of a hundred. */
  troublePct = USUAL_TROUBLE_PCT;
  /** Nodes that nothing reaches, and that reach nobody. */
  private readonly cut = new Set<number>();

  constructor(private readonly dice: Dice) {}

  usual(): void {
    this.troublePct = USUAL_TROUBLE_PCT;
    for (const at of [...this.cut]) this.heal(at);
  }

  cutOff(at: number): void {
    this.cut.add(at);
  }

  /** It is back on the bus, and told that it may have missed something. */
  heal(at: number): void {
    this.cut.delete(at);
    for (const member of this.members) if (member.at === at && member.life.alive) hear(member, { kind: 'unsure' });
  }

  /** @param life of the node's process */
  join(at: number, life: Life): Bus {
    for (const member of this.members) if (!member.life.alive) this.members.delete(member);
    const member: Member = { at, life, handlers: new Set(), follows: new Map() };
    this.members.add(member);
    return {
      lossless: false,
      alive: () => !this.cut.has(at),
      publish: (message) => {
        hear(member, message);
        for (const other of this.members) if (other !== member && wants(other, message)) this.carry(member, other, message);
      },
      listen(handler) {
        member.handlers.add(handler);
        return () => void member.handlers.delete(handler);
      },
      follow: (app, stream) => {
        const key = `${app}/${stream}`;
        // It takes a moment until the others know.
        life.after(this.dice.between(LATENCY.least, LATENCY.most), 'follows', () => void member.follows.set(key, (member.follows.get(key) ?? 0) + 1));
        return () => life.after(LATENCY.most, 'unfollows', () => void member.follows.set(key, (member.follows.get(key) ?? 1) - 1));
      },
      inbox: () => () => undefined,
      stop: () => {
        this.members.delete(member);
        return Promise.resolve();
      },
    };
  }

  private carry(from: Member, to: Member, message: BusMessage): void {
    if (this.cut.has(from.at) || this.cut.has(to.at)) return;
    const kind = this.dice.chance(this.troublePct / 100) ? this.dice.below(3) : undefined;
    if (kind === 0) return;
    if (kind === undefined || kind === 1) this.later(to, this.dice.between(LATENCY.least, LATENCY.most), message);
    if (kind !== undefined) this.later(to, this.dice.between(0, LATE_MS), message);
  }

  private later(to: Member, ms: number, message: BusMessage): void {
    to.life.after(ms, `hears of ${message.kind}`, () => {
      if (!this.cut.has(to.at)) hear(to, message);
    });
  }
}

function hear({ handlers, life }: Member, message: BusMessage): void {
  for (const handler of handlers) if (life.alive) handler(message);
}

/** Nodes are told of streams that they follow, and of what concerns all. */
function wants({ life, follows }: Member, message: BusMessage): boolean {
  if (!life.alive) return false;
  switch (message.kind) {
    case 'facts': return message.facts.some(({ app, stream }) => (follows.get(`${app}/${stream}`) ?? 0) > 0);
    case 'mark':
    case 'signal':
    case 'evict': return (follows.get(`${message.app}/${message.stream}`) ?? 0) > 0;
    case 'moved':
    case 'unsure': return false;
    case 'revoked_user':
    case 'revoked_key':
    case 'revoked_name':
    case 'app_changed':
    case 'node':
    case 'presence':
    case 'presence_digest':
    case 'presence_ask':
    case 'presence_list':
    case 'ask':
    case 'answer':
    case 'taken': return true;
  }
}
