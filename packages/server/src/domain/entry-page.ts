import type { EntryType } from '../storage/entry-types.js';
import type { EntryRow } from '../storage/rows.js';
import type { Domain } from './domain.js';
import { openPage, sealPage } from './page-cursor.js';

export interface EntryPage {
  readonly items: readonly EntryRow[];
  readonly next: string | null;
}

/**
 * A page of the entries of one type, ascending by key.
 *
 * @param stream the conversation or the user that they belong to
 * @throws ProtocolError invalid_argument for a cursor of another list
 */
export async function entryPage(domain: Domain, app: string, stream: string, type: EntryType, input: { readonly limit: number; readonly after?: string | undefined }): Promise<EntryPage> {
  const list = `${type} ${app} ${stream}`;
  const page = await domain.storage.entries(app, stream, type, input.limit, openPage(domain, list, input.after));
  return { items: page.items, next: sealPage(domain, list, page.more ? page.items.at(-1)?.key ?? null : null) };
}
