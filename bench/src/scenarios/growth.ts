/** What becomes slower, and how much larger, when many messages are stored. */
import { percentile } from '../percentile.js';
import type { Rig } from '../rig.js';
import { scenario } from './scenario.js';

const SENDERS = 4;
const IN_FLIGHT = 2_048;
/** The smallest store has rooms of more than a page, so that pages are full everywhere; the others have this many rooms. */
const ROOMS_MAX = 1_000;
const ROOM_MESSAGES_MIN = 100;
/** How often the fill says how far it is. */
const SLICES = 10;
const STARTS = 3;

export const growth = scenario('growth', ['talaria'], ({ quick, long, progress }) => [10_000, quick ? 100_000 : 1_000_000, ...long ? [10_000_000] : []].map((messages) => ({
  params: { messages },
  async measure(rig) {
    const rooms = Math.min(ROOMS_MAX, messages / ROOM_MESSAGES_MIN);
    await rig.prepare({ clients: SENDERS, senders: SENDERS, rooms: Array.from({ length: rooms }, () => []) });
    await rig.stop();
    const emptyBytes = rig.dataBytes();
    await rig.startAgain();
    await rig.connectBursts(0, SENDERS);
    for (let slice = 1; slice <= SLICES; slice += 1) {
      const { result } = await rig.measure({ kind: 'fill', messages: messages / SLICES, rooms, in_flight: IN_FLIGHT });
      progress(`growth, ${(messages / SLICES) * slice} of ${messages} messages, ${Math.round((result.done / result.elapsed_ms) * 1_000)}/s`);
    }
    await rig.stop();
    const bytes = rig.dataBytes() - emptyBytes;
    const start_ms = await startMs(rig);
    await rig.connect(0, 1);
    const times = { warm_ms: quick ? 500 : 1_000, run_ms: quick ? 1_500 : 3_000 };
    const rounds = quick ? 3 : 5;
    const page_p99_ms = await median(rounds, async () => (await rig.measure({ kind: 'pages', walk: 'scattered', rooms, messages_per_room: messages / rooms, ...times })).result.p99_ms);
    const send_p50_ms = await median(rounds, async () => (await rig.measure({ kind: 'send', senders: 1, in_flight: 1, rooms, ...times })).result.p50_ms);
    return { send_p50_ms, page_p99_ms, bytes_per_message: bytes / messages, start_ms };
  },
})));

/** Of a few starts, each in a process of its own; the last one goes on. */
async function startMs(rig: Rig): Promise<number> {
  const found = [await rig.startAgain()];
  while (found.length < STARTS) {
    await rig.stop();
    found.push(await rig.startAgain());
  }
  return percentile(found, 0.5);
}

/** Of a few rounds, so that what else the machine does in one of them is not taken for growth. */
async function median(rounds: number, measure: () => Promise<number>): Promise<number> {
  const found: number[] = [];
  while (found.length < rounds) found.push(await measure());
  return percentile(found, 0.5);
}
