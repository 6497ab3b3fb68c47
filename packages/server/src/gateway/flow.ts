/** FLW1: a slow client is a client that is behind, nothing else. */
import { fallBehind } from './follows.js';
import type { GatewayParts } from './gateway-parts.js';
import type { OpenSession, Session } from './session.js';

/** Takes sockets whose buffer has passed the mark off their topics; they catch up when they have drained. */
export function sweepSlow(parts: GatewayParts): void {
  for (const session of parts.sessions.all) {
    const { open } = session;
    if (open && !open.stalled && session.socket.buffered() > parts.bounds.high_water_bytes) {
      parts.domain.counts.slow += 1;
      stall(session, open);
    }
  }
}

/** Off every topic, until the socket has drained. */
export function stall(session: Session, open: OpenSession): void {
  open.stalled = true;
  for (const follow of open.follows.values()) if (follow.kind === 'live') fallBehind(session, open, follow);
}

/** The socket took something: below the low mark the connection catches up. */
export function drained(parts: GatewayParts, session: Session): void {
  const { open } = session;
  if (!open?.stalled || session.socket.buffered() > parts.bounds.low_water_bytes) return;
  open.stalled = false;
  void parts.catchUp(session);
}
