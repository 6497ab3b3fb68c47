/** The inbox of a user with many conversations, and what a send to a large group costs, beside an inbox that has a row a member to raise. */
import { openHttpLine, timed, type HttpLine } from '../http-line.js';
import type { Rig } from '../rig.js';
import { portOf, stampedText } from '../subject.js';
import { scenario, withRatios } from './scenario.js';

const SENDERS = 4;
/** Whose inbox it is. */
const OWNER = SENDERS;
const GROUP = 1_000;
const IN_FLIGHT = 2_048;
const PAGE = 50;
/** Where the deep page is, as a share of the whole list. */
const DEEP = 0.9;
const WARM = 50;

interface InboxPage {
  readonly items: readonly unknown[];
  readonly next: string | null;
}

const RATIOS = ['page_p99_ms', 'deep_page_p99_ms', 'cpu_us_per_page', 'group_send_p50_ms', 'cpu_us_per_group_send'];

const measured = scenario('inbox', ['talaria', 'sqlite-rows'], ({ quick, progress }) => [quick ? 100_000 : 1_000_000].map((messages) => {
  const conversations = quick ? 1_000 : 5_000;
  return {
    params: { messages, conversations },
    async measure(rig) {
      // The last room is the large group, in which the owner of the inbox is not.
      const rooms = [...Array.from({ length: conversations }, () => [OWNER]), Array.from({ length: GROUP - SENDERS }, (_, at) => OWNER + 1 + at)];
      await rig.prepare({ clients: OWNER + GROUP - SENDERS + 1, senders: SENDERS, rooms, messages });
      if (rig.subject === 'talaria') {
        progress(`inbox, ${messages} messages`);
        await rig.connectBursts(0, SENDERS);
        await rig.measure({ kind: 'fill', messages, rooms: rooms.length, in_flight: IN_FLIGHT });
        await rig.hangUp();
      }
      progress('inbox, pages and sends');
      const [owner, sender] = [OWNER, 0].map((client) => openHttpLine(portOf(rig.target, client), rig.target.tokens[client]!)) as [HttpLine, HttpLine];
      try {
        const deep = await placeIn(owner, conversations);
        const [pages, sends] = quick ? [300, 200] : [2_000, 1_000];
        const first = await costing(rig, pages, () => page(owner, null));
        const later = await costing(rig, pages, () => page(owner, deep));
        const group = rig.target.rooms.at(-1)!;
        const send = await costing(rig, sends, async (at) => void await sender.call('POST', '/v1/messages', { conversation_id: group, text: stampedText(at) }));
        return {
          page_p50_ms: first.p50_ms, page_p99_ms: first.p99_ms, deep_page_p50_ms: later.p50_ms, deep_page_p99_ms: later.p99_ms, cpu_us_per_page: first.cpu_us,
          group_send_p50_ms: send.p50_ms, group_send_p99_ms: send.p99_ms, cpu_us_per_group_send: send.cpu_us,
        };
      } finally {
        owner.close();
        sender.close();
      }
    },
  };
}));

export const inbox = withRatios(measured, 'sqlite-rows', RATIOS);

const listPath = (after: string | null): string => `/v1/users/me/conversations?limit=${PAGE}${after === null ? '' : `&after=${encodeURIComponent(after)}`}`;

/** @throws Error when it is not a whole page */
async function page(line: HttpLine, after: string | null): Promise<void> {
  const { items } = await line.call<InboxPage>('GET', listPath(after));
  if (items.length !== PAGE) throw new Error(`a page of ${items.length} conversations`);
}

/** Reads the whole list. @returns where its deep page begins @throws Error when a conversation is missing */
async function placeIn(line: HttpLine, conversations: number): Promise<string> {
  const places: string[] = [];
  let found = 0;
  for (let after: string | null = null; ;) {
    const { items, next }: InboxPage = await line.call<InboxPage>('GET', listPath(after));
    found += items.length;
    if (next === null) break;
    places.push(next);
    after = next;
  }
  if (found !== conversations) throw new Error(`${found} of ${conversations} conversations in the inbox`);
  return places[Math.floor(places.length * DEEP)]!;
}

/** The same with what each cost the server. */
async function costing(rig: Rig, count: number, call: (at: number) => Promise<void>): Promise<{ readonly p50_ms: number; readonly p99_ms: number; readonly cpu_us: number }> {
  await timed(WARM, call);
  const beforeUs = rig.serverCpuUs();
  const found = await timed(count, call);
  return { ...found, cpu_us: (rig.serverCpuUs() - beforeUs) / count };
}
