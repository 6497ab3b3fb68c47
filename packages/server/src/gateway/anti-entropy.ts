/** What the bus may have lost besides facts, and a node that is cut off from everything. */
import type { Bus, BusMessage } from '../bus/port.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import { errorFields, type Log } from '../runtime/log.js';
import type { Storage } from '../storage/port.js';

export interface AntiEntropyParts {
  readonly storage: Pick<Storage, 'revocations'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** Handles a message as if the bus had brought it. */
  readonly heard: (message: BusMessage) => void;
  /** Looks again at the apps of the connections here: one may have been suspended. */
  readonly recheckApps: () => Promise<void>;
  /** RES6: neither bus nor database has answered for too long: whoever is connected may have been revoked. */
  readonly cutOff: () => void;
}

/** Further back than clocks of nodes differ, and than a transaction takes. */
const LOOK_BACK_MS = 60_000;
const CUT_OFF_MS = 3_000;

/**
 * Asks the database for revocations that the bus may have lost (RES6), and looks at the apps of open connections again.
 *
 * @returns how to stop
 */
export function runAntiEntropy(parts: AntiEntropyParts, every_ms: number): Cancel {
  const { storage, bus, clock, log } = parts;
  if (bus.lossless) return () => undefined;
  let asking = false;
  let answeredMs = clock.monotonic();
  const started = { wallMs: clock.now(), monotonicMs: clock.monotonic() };
  /** The wall clock, but for a jump forward: what was revoked meanwhile would lie before the place that is asked from. */
  const now = (): number => Math.floor(Math.min(clock.now(), started.wallMs + clock.monotonic() - started.monotonicMs));
  let sinceMs = now() - LOOK_BACK_MS;

  async function ask(): Promise<void> {
    const askedMs = now();
    const { users, keys, names } = await storage.revocations(sinceMs);
    for (const user of users) parts.heard({ kind: 'revoked_user', ...user });
    for (const name of names) parts.heard({ kind: 'revoked_name', ...name });
    for (const key of keys) parts.heard({ kind: 'revoked_key', key });
    await parts.recheckApps();
    sinceMs = askedMs - LOOK_BACK_MS;
    answeredMs = clock.monotonic();
  }

  return clock.every(every_ms, () => {
    if (!bus.alive() && clock.monotonic() - answeredMs > CUT_OFF_MS) parts.cutOff();
    if (asking) return;
    asking = true;
    ask().catch((error: unknown) => log.warn('anti_entropy.failed', errorFields(error))).finally(() => {
      asking = false;
    });
  });
}
