/** What a message may hold beside text and data. All of it is left out when it is not there. */
export interface MessageMore {
  /** Of a reply: the message that its thread began with. */
  readonly thread_seq?: number;
  /** Which countable reply of its thread it is, from 1 (CNT2). */
  readonly thread_ordinal?: number;
  /** A reply that also stands in the conversation's own history. */
  readonly in_main?: boolean;
  /** The message of the same conversation that it quotes. */
  readonly quote_seq?: number;
  readonly mentions?: Mentions;
  readonly poll?: Poll;
  readonly forwarded?: Forwarded;
  /** When the message disappears. */
  readonly expires_ms?: number;
  /** For how long it stays after somebody else has first read it. */
  readonly expires_after_read_ms?: number;
}

export interface Mentions {
  readonly user_ids?: readonly string[];
  /** Whoever is there at the moment. */
  readonly here?: boolean;
  readonly everyone?: boolean;
}

export interface Poll {
  readonly question: string;
  readonly options: readonly { readonly id: string; readonly text: string }[];
  /** Whether one may choose several. */
  readonly multiple?: boolean;
  /** Whether nobody is told who chose what. */
  readonly anonymous?: boolean;
  readonly closes_ms?: number;
}

/** Whose message was sent on, and when that was written. Not where: that is nobody's business here. */
export interface Forwarded {
  readonly sender_id: string | null;
  readonly created_ms: number;
}
