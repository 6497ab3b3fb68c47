/** What other nodes say of who is connected to them. Pure: time and messages come in, and what is to be asked goes out. */
import { SILENT_MS } from '../../bus/node-silence.js';
import type { PresenceMessage, UserDevices } from '../../bus/port.js';
import type { PresenceListener } from './presence.js';
import { UserTable } from './user-table.js';

/** How often a node is asked for all its users at most: below the time between two digests, so that each of them may lead to it. */
const ASK_MS = 900;
/** Nodes that are remembered; more are not heard. */
const NODES_MAX = 256;

type Said = Exclude<PresenceMessage, { kind: 'presence_ask' }>;

interface Remote {
  readonly place: string;
  heardMs: number;
  /** Undefined until its users are known. */
  version: number | undefined;
  users: UserTable<readonly number[]>;
  /** A list that is not whole yet. */
  list: { readonly version: number; readonly parts: number; readonly got: Map<number, readonly UserDevices[]> } | undefined;
  askedMs: number;
}

/** Users of a node that did not say goodbye. */
export interface Lost {
  readonly node: string;
  readonly heardMs: number;
  readonly users: UserTable<readonly number[]>;
}

interface Heard {
  /** The node is to be asked for all its users. */
  readonly ask: boolean;
  /** With a node whose place it has taken. */
  readonly lost: readonly Lost[];
}

const NOTHING: Heard = { ask: false, lost: [] };

export class RemoteNodes {
  private readonly nodes = new Map<string, Remote>();
  /**
   * Nodes that were forgotten. What is late of one that has said goodbye is not heard. Another may live and speak again; it takes
   * nobody's place then, and so two nodes that have the same by mistake both live on.
   */
  private readonly former = new Map<string, 'goodbye' | 'silent'>();

  constructor(private readonly listener: PresenceListener) {}

  /** @param nowMs monotone */
  hear(message: Said, nowMs: number): Heard {
    if (message.kind === 'presence_digest' && message.gone) {
      this.forget(message.node, 'goodbye');
      return NOTHING;
    }
    if (this.former.get(message.node) === 'goodbye') return NOTHING;
    const known = this.nodes.get(message.node);
    if (!known && this.nodes.size >= NODES_MAX) return NOTHING;
    const lost = known || this.former.has(message.node) ? [] : this.replaced(message.place);
    const remote = known ?? this.add(message.node, message.place);
    remote.heardMs = nowMs;
    const ask = this.behind(remote, message) && nowMs - remote.askedMs >= ASK_MS;
    if (ask) remote.askedMs = nowMs;
    return { ask, lost };
  }

  /** @returns the nodes that have been silent for too long; they are forgotten */
  expire(nowMs: number): readonly Lost[] {
    const lost: Lost[] = [];
    for (const [node, { heardMs, users }] of this.nodes) {
      if (nowMs - heardMs <= SILENT_MS) continue;
      this.forget(node, 'silent');
      lost.push({ node, heardMs, users });
    }
    return lost;
  }

  /** The marks of a user's devices on each node that has some. */
  *devices(app: string, user: string): Generator<readonly number[]> {
    for (const { users } of this.nodes.values()) {
      const devices = users.get(app, user);
      if (devices) yield devices;
    }
  }

  /** Nodes that are heard. */
  ids(): readonly string[] {
    return [...this.nodes.keys()];
  }

  get users(): number {
    let count = 0;
    for (const { users } of this.nodes.values()) count += users.size;
    return count;
  }

  private add(node: string, place: string): Remote {
    const remote: Remote = { place, heardMs: 0, version: undefined, users: new UserTable(), list: undefined, askedMs: Number.NEGATIVE_INFINITY };
    this.nodes.set(node, remote);
    return remote;
  }

  /** A node that has started anew takes the place of what it was. */
  private replaced(place: string): readonly Lost[] {
    return [...this.nodes].filter(([, remote]) => remote.place === place).map(([node, { heardMs, users }]) => {
      this.forget(node, 'silent');
      return { node, heardMs, users };
    });
  }

  private forget(node: string, how: 'goodbye' | 'silent'): void {
    if (this.nodes.delete(node)) this.listener.changedMany();
    this.former.set(node, how);
    if (this.former.size > NODES_MAX) this.former.delete(this.former.keys().next().value!);
  }

  /** Takes what it can of a message. @returns whether something is missing */
  private behind(remote: Remote, message: Said): boolean {
    switch (message.kind) {
      case 'presence':
        if (remote.version !== undefined && message.version <= remote.version) return false;
        // A node begins with nobody.
        if (message.version !== (remote.version ?? 0) + 1) return true;
        apply(remote.users, message.changes);
        remote.version = message.version;
        for (const [app, user] of message.changes) this.listener.changed(app, user);
        return false;
      case 'presence_digest':
        if (remote.version === undefined && message.version === 0) remote.version = 0;
        return remote.version === undefined || message.version > remote.version;
      case 'presence_list':
        this.collect(remote, message);
        return false;
    }
  }

  private collect(remote: Remote, { version, part, parts, users }: Extract<PresenceMessage, { kind: 'presence_list' }>): void {
    if ((remote.version ?? -1) > version || (remote.list?.version ?? -1) > version) return;
    const list = remote.list?.version === version && remote.list.parts === parts ? remote.list : { version, parts, got: new Map<number, readonly UserDevices[]>() };
    remote.list = list;
    if (part < parts) list.got.set(part, users);
    if (list.got.size < parts) return;
    remote.users = new UserTable();
    for (const some of list.got.values()) apply(remote.users, some);
    remote.version = version;
    remote.list = undefined;
    this.listener.changedMany();
  }
}

function apply(users: UserTable<readonly number[]>, changes: readonly UserDevices[]): void {
  for (const [app, user, devices] of changes) {
    if (devices) users.set(app, user, devices);
    else users.delete(app, user);
  }
}
