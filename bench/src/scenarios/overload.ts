/** Twice as many messages as the server takes, from clients that do not wait: what it still commits, and what it says to the rest. */
import { peakOf } from './peak.js';
import { scenario } from './scenario.js';

/** More than one connection's bound can refuse: it is the server's own that is to be met. */
const SENDERS = 64;
const ROOMS = 64;
const TIMES_PEAK = 2;

export const overload = scenario('overload', ['talaria'], ({ quick, progress }) => [{
  params: {},
  async measure(rig) {
    await rig.prepare({ clients: SENDERS, senders: SENDERS, rooms: Array.from({ length: ROOMS }, () => []) });
    await rig.connectBursts(0, SENDERS);
    const peak = await peakOf(rig, { senders: SENDERS, rooms: ROOMS, warm_ms: quick ? 1_000 : 3_000, run_ms: quick ? 2_500 : 8_000 });
    progress(`overload, peak ${Math.round(peak)}/s`);
    const { result } = await rig.measure({ kind: 'overload', rate_per_s: TIMES_PEAK * peak, rooms: ROOMS, warm_ms: quick ? 2_000 : 4_000, run_ms: quick ? 5_000 : 15_000 });
    const { acked, refused, refused_retryable: retryable, offered, elapsed_ms: elapsed, p99_ms } = result;
    const offered_per_s = (offered / elapsed) * 1_000;
    progress(`overload, offered ${Math.round((offered_per_s / peak) * 100)} % of the peak`);
    return {
      goodput_pct_of_peak: ((acked / elapsed) * 1_000 / peak) * 100, refused_pct: (refused / (acked + refused)) * 100,
      // Of no refusals, all are retryable.
      refused_retryable_pct: refused === 0 ? 100 : (retryable / refused) * 100, p99_ms, peak_per_s: peak, offered_per_s,
    };
  },
}]);
