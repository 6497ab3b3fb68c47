/** Lists come in pages; people and scripts want so many items, whatever the page. */
import type { Command } from 'commander';
import { wholeNumber } from './command.js';
import { note, type Context } from './context.js';

export interface ListFlags {
  readonly limit: number;
  readonly after?: string;
}

const PAGE_MAX = 200;
const DEFAULT = 100;

/** The flags of every list. */
export function withPaging(command: Command): Command {
  return command
    .option('--limit <number>', 'At most so many items', wholeNumber(1, 100_000), DEFAULT)
    .option('--after <cursor>', 'Go on after an earlier list, with its cursor');
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Reads pages until there are enough items. */
export async function readPages<Item>(
  flags: ListFlags,
  read: (page: { limit: number; after?: string }) => Promise<Page<Item>>,
): Promise<Page<Item>> {
  const items: Item[] = [];
  let after = flags.after;
  for (;;) {
    const page = await read({ limit: Math.min(PAGE_MAX, flags.limit - items.length), ...(after === undefined ? {} : { after }) });
    items.push(...page.items);
    if (page.next === null || page.items.length === 0 || items.length >= flags.limit) return { items, next: page.next };
    after = page.next;
  }
}

/** Says how to go on when there is more. */
export function noteMore(context: Context, page: Page<unknown>): void {
  if (page.items.length === 0) note(context, 'There are none.');
  if (page.next !== null) note(context, `There are more: raise --limit, or go on with --after ${page.next}`);
}
