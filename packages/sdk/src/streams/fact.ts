import type { Fact as WireFact, MessageBody } from '@talaria/protocol';

/** One fact as the app sees it. Unknown types reach the app with their raw body. */
export interface Fact {
  /** The conversation's or user's id. */
  readonly stream: string;
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  readonly version: number;
  /** The user who did it; empty for the backend. */
  readonly actor: string;
  readonly timeMs: number;
  /** The seq of the message that the fact is about; 0 when it is about none. */
  readonly targetSeq: number;
  readonly clientId: string;
  readonly traceId: string;
  /** The body was erased (VIS4). */
  readonly redacted: boolean;
  readonly body: FactBody;
}

/** The body of a fact: its fields follow from its type. */
export type FactBody = Readonly<Record<string, unknown>>;

/** A part of a stream that is not shown, and why (ORD1). */
export interface Skipped {
  readonly stream: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** `membership` and `retention` come from the server; `skipped` is a jump to the newest page (RES3). */
  readonly cause: string;
}

/** What comes next in a stream: a fact, or a part that is not shown. */
export type Step = Fact | Skipped;

export const isSkipped = (step: Step): step is Skipped => 'toSeq' in step;

/** The last seq of a step. */
export const endOf = (step: Step): number => (isSkipped(step) ? step.toSeq : step.seq);

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export function toFact(stream: string, fact: WireFact): Fact {
  const traceId = fact.trace_id && fact.trace_id.length > 0 ? hex(fact.trace_id) : fact.client_id.replaceAll('-', '');
  return {
    stream, seq: fact.seq, eventId: fact.event_id, type: fact.type, version: fact.version || 1, actor: fact.actor, timeMs: fact.time_ms, targetSeq: fact.target_seq,
    clientId: fact.client_id, traceId, redacted: fact.redacted,
    body: fact.message ? messageBody(fact.message) : parseObject(fact.json),
  };
}

/** As HTTP shows it. */
function messageBody({ data, more, ...body }: MessageBody): FactBody {
  return { ...body, data: parseObject(data), ...parseObject(more) };
}

function parseObject(text: string): FactBody {
  return text === '' ? {} : JSON.parse(text) as FactBody;
}
