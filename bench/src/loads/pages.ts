import { nowUs } from '../clock.js';
import type { Link, Page } from '../drivers/driver.js';
import { nextId } from '../ids.js';
import { Meter, type LoadResult, type MeterTimes } from '../meter.js';
import { PAGE_ITEMS } from '../subject.js';

/** Each client reads one page after the other. */
export interface PagesOrder extends MeterTimes {
  readonly kind: 'pages';
  /** `backwards`: through the room from its newest message to its first, and again. `scattered`: anywhere in any room. */
  readonly walk: 'backwards' | 'scattered';
  readonly rooms: number;
  /** In each room, and at least a page. */
  readonly messages_per_room: number;
}

/** Which page comes next: of which room, and the messages before which one; the newest when undefined. */
interface Walk {
  next(): { readonly room: number; readonly before: number | undefined };
  /** @throws Error when it is not the page that was asked for */
  came(page: Page): void;
}

export function runPages(links: readonly Link[], order: PagesOrder, begins: () => void): Promise<LoadResult> {
  const meter = new Meter();
  for (const [at, link] of links.entries()) {
    const walk = order.walk === 'backwards' ? backwards(order, at) : scattered(order);
    const { page } = link;
    if (!page) throw new Error('this client reads no pages');
    let [waiting, sinceUs] = [0, 0];
    const ask = (): void => {
      const { room, before } = walk.next();
      [waiting, sinceUs] = [nextId(), nowUs()];
      page(waiting, room, before);
    };
    link.paged = (id, page) => {
      if (id !== waiting) return;
      meter.add(1, (nowUs() - sinceUs) / 1_000);
      walk.came(page);
      if (meter.running) ask();
    };
    ask();
  }
  return meter.run(order, begins);
}

function backwards({ rooms, messages_per_room: wanted }: PagesOrder, client: number): Walk {
  const room = client % rooms;
  let [before, found]: [number | undefined, number] = [undefined, 0];
  return {
    next: () => ({ room, before }),
    came({ items, first, last }) {
      if (items > 0 && before !== undefined && last >= before) throw new Error(`asked for what is before ${before}, got up to ${last}`);
      found += items;
      before = first;
      if (items === PAGE_ITEMS) return;
      if (found !== wanted) throw new Error(`${found} messages on the way through a room of ${wanted}`);
      [before, found] = [undefined, 0];
    },
  };
}

function scattered({ rooms, messages_per_room: stored }: PagesOrder): Walk {
  /** By room, as far as it has been seen: where it ends. */
  const newest: number[] = [];
  let [room, before]: [number, number | undefined] = [0, undefined];
  return {
    next() {
      room = newest.length < rooms ? newest.length : Math.floor(Math.random() * rooms);
      const last = newest[room];
      before = last === undefined ? undefined : last + 1 - Math.floor(Math.random() * (stored - PAGE_ITEMS + 1));
      return { room, before };
    },
    came({ items, last }) {
      if (items !== PAGE_ITEMS) throw new Error(`a page of ${items} messages`);
      if (before === undefined) newest[room] = last;
      else if (last !== before - 1) throw new Error(`asked for what is before ${before}, got up to ${last}`);
    },
  };
}
