/** Talaria's client for loads that would otherwise measure themselves: frames are copied from a pattern, not encoded. */
import { createClientCodec } from '@talaria/protocol/codec';
import { portOf, type Target } from '../subject.js';
import type { Link } from './driver.js';
import { frameOf } from './frame.js';
import { Line } from './line.js';
import { BINARY } from './websocket.js';

export interface BurstLink extends Link {
  /** The server has refused a message, which is given up. Without a listener that ends the load program. */
  refused: ((id: number, retryable: boolean) => void) | undefined;
}

/** The first byte of frames that are only counted. */
const FACTS = 0x2a;
const TIME_DIGITS = 12;
const ID_DIGITS = 12;

/** A UUIDv7 of this moment that ends in the number. A user never sends the same number twice. */
export function clientIdOf(id: number): string {
  const time = Date.now().toString(16).padStart(TIME_DIGITS, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${id.toString(16).padStart(ID_DIGITS, '0')}`;
}

/** The number in a client id that `clientIdOf` made. */
export const idIn = (clientId: string): number => Number.parseInt(clientId.slice(-ID_DIGITS), 16);

interface Pattern {
  readonly frame: Buffer;
  readonly client_id_at: number;
  readonly text_at: number;
  readonly text_bytes: number;
}

const codec = createClientCodec();

function patternOf(conversation: string, text: string): Pattern {
  const clientId = clientIdOf(0);
  const frame = frameOf(BINARY, codec.encodeUp({ send: { client_id: clientId, conversation_id: conversation, text } }));
  return { frame, client_id_at: frame.indexOf(clientId, 0, 'latin1'), text_at: frame.indexOf(text, 0, 'latin1'), text_bytes: text.length };
}

export function talariaBurst(target: Target, client: number): BurstLink {
  const patterns: (Pattern | undefined)[] = [];

  function heard(bytes: Buffer): void {
    const frame = codec.decodeDown(bytes);
    if (frame.frame === 'ack') link.acked?.(idIn(frame.ack.client_id));
    else if (frame.frame === 'ping') line.send(codec.encodeUp({ pong: { time_ms: frame.ping.time_ms } }));
    else if (frame.frame === 'welcome') link.greeted?.();
    else if (frame.frame === 'heads') line.ready();
    else if (frame.frame === 'refusal') {
      const { client_id, stream, code, message, retryable } = frame.refusal;
      if (!link.refused || client_id === '') throw new Error(`refused: ${code} ${message}`);
      // SND4: what is behind a refused command waits until it comes again or is given up.
      if (retryable && code !== 'predecessor_refused') line.send(codec.encodeUp({ abandon: { client_id, stream } }));
      link.refused(idIn(client_id), retryable);
    }
  }

  const hello = { token: target.tokens[client]!, device_id: 'bench', agent: 'bench', follow_recent: target.follows[client]!.length };
  const line = new Line({
    port: portOf(target, client), path: `/v1/socket/${target.app}`, protocol: codec.subprotocol,
    opened: () => line.send(codec.encodeUp({ hello })),
    message(bytes) {
      if (bytes[0] !== FACTS) heard(bytes);
      else link.delivered?.(bytes);
    },
    lost() {
      if (!link.lost) throw new Error('the server closed a connection');
      link.lost();
    },
  });
  const link: BurstLink = {
    acked: undefined, delivered: undefined, refused: undefined, greeted: undefined, lost: undefined,
    /** @param text ASCII only */
    send(id, room, text) {
      let pattern = patterns[room];
      if (pattern?.text_bytes !== text.length) pattern = patterns[room] = patternOf(target.rooms[room]!, text);
      const frame = Buffer.from(pattern.frame);
      frame.write(clientIdOf(id), pattern.client_id_at, 'latin1');
      frame.write(text, pattern.text_at, 'latin1');
      line.sendFrame(frame);
    },
    cut: () => line.cut(),
    connect: () => line.open(),
  };
  return link;
}
