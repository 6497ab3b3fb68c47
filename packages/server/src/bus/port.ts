/**
 * The bus port: wakes nodes up, and carries what may be lost. The database is the truth: losing, delaying, repeating
 * or reordering any bus message costs latency, never a rule (CLU2).
 */
import type { FactPlace } from '../storage/port.js';
import type { EventRow } from '../storage/rows.js';

/** What a node says of itself, each second. */
export interface NodeDigest {
  readonly id: string;
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly startedMs: number;
  readonly ready: boolean;
  /** Whether it reaches the others over the bus. */
  readonly bus: boolean;
  readonly connections: number;
  readonly followedStreams: number;
  readonly memoryBytes: number;
  /** How old what it knows of the log may be. */
  readonly lagMs: number;
}

/** What a node has given out of the buckets of a limit (`workers/shared-limits.ts`). */
export interface TakenOfLimit {
  readonly scope: 'user' | 'conversation' | 'app' | 'address';
  /** The names begin with the app, but for those of addresses. */
  readonly names: readonly (readonly [name: string, count: number])[];
}

/** The largest number that stands for a device and whether its user is away from it. */
export const DEVICE_MARK_MAX = 2 ** 33 - 1;

/** The devices of a user on a node, as `markOf` writes them: 32 bits, and a 33rd for those that the user is away from. Null for who is not there any more. */
export type UserDevices = readonly [app: string, user: string, devices: readonly number[] | null];

/** What nodes tell each other of who is connected (`workers/presence.ts`). `node` is an epoch: it is made when a node starts. */
export type PresenceMessage =
  /** What has changed since the version before this one. */
  | { readonly kind: 'presence'; readonly node: string; readonly place: string; readonly version: number; readonly changes: readonly UserDevices[] }
  /** Said each second: I am here, and this is my version. When it is gone, I am here no more. */
  | { readonly kind: 'presence_digest'; readonly node: string; readonly place: string; readonly version: number; readonly gone: boolean }
  /** Somebody misses something of this node, which is to say it all. */
  | { readonly kind: 'presence_ask'; readonly node: string }
  /** A part of all users of a node, as they were at a version. */
  | {
    readonly kind: 'presence_list'; readonly node: string; readonly place: string; readonly version: number; readonly part: number; readonly parts: number;
    readonly users: readonly UserDevices[];
  };

export type BusMessage =
  | PresenceMessage
  /** Facts that were committed. */
  | { readonly kind: 'facts'; readonly facts: readonly EventRow[] }
  /** Facts that were committed and are too long to be carried: the log has them. */
  | { readonly kind: 'moved'; readonly places: readonly FactPlace[] }
  /** Messages may have been lost: the log is to be asked at once (CLU2). Only a driver says so. */
  | { readonly kind: 'unsure' }
  /** `readSeq` is what everybody is shown; `ownReadSeq`, where that is not the same, what the user's own devices are (CNT3). */
  | {
    readonly kind: 'mark'; readonly app: string; readonly stream: string; readonly user: string; readonly deliveredSeq: number; readonly readSeq: number; readonly ownReadSeq?: number;
    readonly version: number;
  }
  | {
    readonly kind: 'signal'; readonly app: string; readonly stream: string; readonly user: string; readonly type: string; readonly json: string;
    readonly lifetimeMs: number;
  }
  /** Tokens of a user from before a moment, or those that a key minted, are revoked (RES6). */
  | { readonly kind: 'revoked_user'; readonly app: string; readonly user: string; readonly beforeMs: number }
  | { readonly kind: 'revoked_key'; readonly key: string }
  /** Tokens of a user that carry a name, from before a moment (RES6). */
  | { readonly kind: 'revoked_name'; readonly app: string; readonly user: string; readonly name: string; readonly beforeMs: number }
  /** A node is there. */
  | { readonly kind: 'node'; readonly node: NodeDigest }
  /** What a node has given out of limits since its last message, which was the number before this one. */
  | { readonly kind: 'taken'; readonly node: string; readonly number: number; readonly taken: readonly TakenOfLimit[] }
  /** A node wants to know something of all others, or of one. `json` is the input of an operation; `app`, when it is not null, is the only one that may be spoken of. */
  | { readonly kind: 'ask'; readonly node: string; readonly question: number; readonly to: string | null; readonly op: string; readonly app: string | null; readonly json: string }
  /** To the node that asked. Null when there is no answer to that. */
  | { readonly kind: 'answer'; readonly to: string; readonly from: string; readonly question: number; readonly json: string | null }
  /** An app's settings, or its tenant's, changed: forget what is cached of it. */
  | { readonly kind: 'app_changed'; readonly app: string }
  /** Facts of a stream were emptied or removed: forget what is cached of it (VIS4, VIS5). */
  | { readonly kind: 'evict'; readonly app: string; readonly stream: string; readonly seq: number };

export interface Bus {
  /** Whether other nodes are reached. While they are not, they find in the log what was committed, a little later. */
  alive(): boolean;
  /** Whether everything that is published reaches all who listen: so it is in one process. Otherwise the database is asked (CLU2). */
  readonly lossless: boolean;
  /** Reaches every node, this one too. */
  publish(message: BusMessage): void;
  /** @returns how to stop listening */
  listen(handler: (message: BusMessage) => void): () => void;
  /** This node wants the messages of a stream; counted, so that the last release ends it. */
  follow(app: string, stream: string): () => void;
  /** This node wants the answers that go to it. @returns how to end that */
  inbox(node: string): () => void;
  stop(): Promise<void>;
}
