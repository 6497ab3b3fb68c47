import type { SendOrder } from '../loads/send.js';
import type { Rig } from '../rig.js';

export interface PeakOrder {
  readonly senders: number;
  readonly rooms: number;
  readonly warm_ms: number;
  readonly run_ms: number;
  /** Who sees all of it meanwhile. */
  readonly followed?: NonNullable<SendOrder['followed']>;
}

/** Unanswered messages. With the larger number a batch is full when the one before it has been committed. */
const IN_FLIGHT = [512, 2_048];

/** The most that the server acks a second when senders wait for their answers: the better of a few runs. */
export async function peakOf(rig: Rig, order: PeakOrder): Promise<number> {
  let peak = 0;
  for (const in_flight of IN_FLIGHT) {
    const { result } = await rig.measure({ kind: 'send', in_flight, ...order });
    peak = Math.max(peak, (result.done / result.elapsed_ms) * 1_000);
  }
  return peak;
}
