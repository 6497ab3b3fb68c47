/** Where a Talaria client is, kept as the SDK keeps it: a sync token, and cursors of what is not the token's (RES2). */
import { eventCheck, type Cursor, type Head, type Welcome } from '@talaria/protocol';
import type { createClientCodec } from '@talaria/protocol/codec';
import { LastFrame } from './last-frame.js';

type Codec = ReturnType<typeof createClientCodec>;
type Position = Pick<Cursor, 'seq' | 'check'>;

/** Of a user's own stream. */
const OWN = 'u'.charCodeAt(0);

/** One conversation can be resumed: the bench needs no more, and a cursor for each would cost on every delivery. */
export class TalariaPlace {
  private epoch = '';
  private ownStream = '';
  private token: Uint8Array | undefined;
  private own: Position | undefined;
  /** Since the token. */
  private ownMoved = true;
  private start: Position | undefined;
  private readonly last = new LastFrame();
  private readonly conversation: string | undefined;

  constructor(private readonly codec: Codec, private readonly conversations: readonly string[]) {
    this.conversation = conversations.length === 1 ? conversations[0] : undefined;
  }

  /** @throws Error when the server's log is another than before */
  welcome({ epoch, user_stream: stream, resumed }: Welcome): void {
    if (this.epoch !== '' && this.epoch !== epoch) throw new Error('the server came back with another log');
    if (!resumed) this.token = undefined;
    [this.epoch, this.ownStream] = [epoch, stream];
  }

  heads(heads: readonly Head[]): void {
    for (const { stream, seq, check } of heads) {
      if (stream === this.ownStream) this.own ??= { seq, check };
      else if (stream === this.conversation) this.start ??= { seq, check };
    }
  }

  /** @param bytes a facts frame. @returns whether it is of a conversation */
  facts(bytes: Buffer): boolean {
    if (streamKind(bytes) !== OWN) {
      if (this.conversation !== undefined) this.last.keep(bytes);
      return true;
    }
    this.own = this.positionIn(bytes);
    this.ownMoved = true;
    return false;
  }

  synced(token: Uint8Array): void {
    // A copy: the bytes are the socket's.
    this.token = Uint8Array.from(token);
    this.ownMoved = false;
  }

  /** For hello. The conversation is one that the app has opened: it is always named. */
  resume(): { sync_token?: Uint8Array; cursors: Cursor[] } {
    if (this.epoch === '') return { cursors: [] };
    if (this.conversations.length > 1) throw new Error('only a client of one conversation can come back');
    const position = this.last.bytes ? this.positionIn(this.last.bytes) : this.start;
    return {
      ...(this.token ? { sync_token: this.token } : {}),
      cursors: [
        ...(this.own && (this.ownMoved || !this.token) ? [{ stream: this.ownStream, ...this.own, epoch: this.epoch }] : []),
        ...(this.conversation !== undefined && position ? [{ stream: this.conversation, ...position, epoch: this.epoch }] : []),
      ],
    };
  }

  private positionIn(bytes: Buffer): Position {
    const frame = this.codec.decodeDown(bytes);
    if (frame.frame !== 'facts') throw new Error('this is not a facts frame');
    const { to_seq: seq, facts } = frame.facts;
    const fact = facts.at(-1);
    if (fact?.seq !== seq) throw new Error('the frame ends with what was left out');
    return { seq, check: eventCheck(fact.event_id) };
  }
}

/** The first letter of the stream's id: behind the frame's tag and length, and the id's own. */
function streamKind(bytes: Buffer): number | undefined {
  let at = 1;
  while (bytes[at]! > 0x7f) at += 1;
  return bytes[at + 3];
}
