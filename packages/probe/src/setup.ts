/** What a probe is told, and what it tells: plain data, so that it may run in another process. */

/** One client of one user. */
export interface ProbeSetup {
  /** Of its history file, and of its sends' outbox. No two probes of a run share it. */
  readonly name: string;
  /** The server, or a proxy before it. */
  readonly url: string;
  readonly appId: string;
  readonly publicKey: string;
  readonly userId: string;
  readonly token: string;
  /** Where it sends. It sees every conversation of its user. */
  readonly conversations: readonly string[];
  readonly historyDir: string;
  /** The outbox and the cursors; in memory when left out, and then gone with the process. */
  readonly storeFile?: string;
  /** How long the texts are that it sends, in characters. Default: as long as they need to be told apart. */
  readonly textChars?: number;
  /** What it does, by parts of the whole. Default: `usualMix`. */
  readonly mix?: ProbeMix;
}

/** How often it does what, each as a weight. */
export interface ProbeMix {
  readonly send: number;
  readonly edit: number;
  readonly remove: number;
  readonly mark: number;
}

export const usualMix: ProbeMix = { send: 70, edit: 10, remove: 5, mark: 15 };

/** A probe at this moment. */
export interface ProbeState {
  readonly connected: boolean;
  /** Commands that were given to the client. */
  readonly invoked: number;
  /** Commands that are not answered, those of an earlier process included. */
  readonly pending: number;
  readonly acked: number;
  readonly failed: number;
  readonly duplicates: number;
  /** Facts that its durable consumer has handled. */
  readonly seen: number;
  readonly lostConnections: number;
  /** How long connections were away that came back, counted as `Away` says. */
  readonly away: readonly number[];
  /** How often it was told that the log is another one (RES5). */
  readonly resyncs: number;
  readonly problem: string | undefined;
}

/** Up to where a user may see each conversation, at the end of a run. */
export type Heads = Readonly<Record<string, number>>;

/** How a probe ended. */
export interface ProbeEnd {
  /** Streams whose end its consumer did not reach in time; the checker says what is missing. */
  readonly behind: readonly string[];
  readonly problem: string | undefined;
}
