/** Read marks that move in a large group, beside a row a member with one UPDATE a mark. */
import { openHttpLine, timed, type HttpLine } from '../http-line.js';
import type { Rig } from '../rig.js';
import { PAGE_ITEMS, portOf } from '../subject.js';
import { loadCpuPct, scenario, withRatios } from './scenario.js';

/** They follow the group, and are told. */
const FOLLOWERS = 2;
const FILLERS = 4;
const FILL_IN_FLIGHT = 256;
const IN_FLIGHT = 256;
const SETTLE_MS = 10_000;
const WARM_PAGES = 50;

interface MarksPage {
  readonly items: readonly { readonly read_seq: number }[];
  readonly version: number;
  readonly more: boolean;
}

const measured = scenario('receipts', ['talaria', 'socketio-marks'], ({ quick, progress }) => [quick ? 2_000 : 10_000].map((members) => {
  const moving = quick ? 500 : 1_000;
  const messages = quick ? 1_000 : 2_000;
  return {
    params: { members, moving },
    async measure(rig) {
      await rig.prepare({ clients: members, senders: moving, rooms: [Array.from({ length: members - moving }, (_, at) => moving + at)] });
      // To join is a fact of the group, too: the messages stand behind the last one who joined.
      const from_seq = rig.subject === 'talaria' ? await headOf(rig, moving) : 0;
      if (rig.subject === 'talaria') {
        await rig.connectBursts(0, FILLERS);
        await rig.measure({ kind: 'fill', messages, rooms: 1, in_flight: FILL_IN_FLIGHT });
        await rig.hangUp();
      }
      await rig.connect(0, moving + FOLLOWERS);
      progress('receipts, marks move');
      const run = await rig.measure({ kind: 'marks', members: moving, in_flight: IN_FLIGHT, from_seq, messages, settle_ms: SETTLE_MS, warm_ms: 1_000, run_ms: quick ? 3_000 : 10_000 });
      const { sent, told, told_least, told_bytes, done, elapsed_ms } = run.result;
      const line = openHttpLine(portOf(rig.target, moving), rig.target.tokens[moving]!);
      try {
        await requireMarks(line, rig, from_seq, sent);
        const walk = walkOf(line, rig);
        await timed(WARM_PAGES, walk);
        const list = await timed(quick ? 300 : 1_000, walk);
        return {
          marks_per_s: (done / elapsed_ms) * 1_000, cpu_us_per_mark: run.server_cpu_us / done, load_cpu_pct: loadCpuPct(run),
          follower_told_pct: (told_least / sent) * 100, follower_bytes_per_mark: told_bytes / told, list_p50_ms: list.p50_ms, list_p99_ms: list.p99_ms,
        };
      } finally {
        line.close();
      }
    },
  };
}));

export const receipts = withRatios(measured, 'socketio-marks', ['marks_per_s', 'cpu_us_per_mark', 'list_p99_ms']);

const list = (line: HttpLine, rig: Rig, after: number): Promise<MarksPage> => line.call<MarksPage>('GET', `/v1/conversations/${rig.target.rooms[0]}/marks?limit=${PAGE_ITEMS}&after_version=${after}`);

async function headOf(rig: Rig, client: number): Promise<number> {
  const line = openHttpLine(portOf(rig.target, client), rig.target.tokens[client]!);
  try {
    return (await line.call<{ readonly head_seq: number }>('GET', `/v1/conversations/${rig.target.rooms[0]}`)).head_seq;
  } finally {
    line.close();
  }
}

/** Every mark moved by one message each time. @throws Error when what is stored is not what was sent */
async function requireMarks(line: HttpLine, rig: Rig, from: number, sent: number): Promise<void> {
  let [moved, after, more] = [0, 0, true];
  while (more) {
    const page = await list(line, rig, after);
    moved += page.items.reduce((sum, { read_seq: seq }) => sum + seq - from, 0);
    [after, more] = [page.version, page.more];
  }
  if (moved !== sent) throw new Error(`${sent} marks were sent, and ${moved} are stored`);
}

/** One page after the other, through the list and again. */
function walkOf(line: HttpLine, rig: Rig): () => Promise<void> {
  let after = 0;
  return async () => {
    const { version, more } = await list(line, rig, after);
    after = more ? version : 0;
  };
}
