import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { Domain } from '../domain.js';
import { openPage, sealPage } from '../page-cursor.js';
import { namedUser } from './asked-app.js';

type Line = OperationOutput<'logs.list'>['items'][number];
type Incident = OperationOutput<'incidents.list'>['items'][number];

const LIST = 'logs';

/** Where a page ended: lines are in the order of their time, the latest first, then of nodes, then of their number, the highest first. */
export interface LinePlace {
  readonly timeMs: number;
  readonly node: string;
  readonly number: number;
}

const writePlace = ({ time_ms: timeMs, node, number }: Line): string => `${timeMs}.${number}.${node}`;

/** @throws ProtocolError invalid_argument for what `next` has not given */
export function readLinePlace(text: string): LinePlace {
  const [timeMs, number, node, ...rest] = text.split('.');
  if (node === undefined || rest.length > 0 || !Number.isSafeInteger(Number(timeMs)) || !Number.isSafeInteger(Number(number))) {
    throw new ProtocolError('invalid_argument', 'after is not a cursor of this list.', { field: 'after' });
  }
  return { timeMs: Number(timeMs), number: Number(number), node };
}

/** Which lines of a node stand behind the place: those of an earlier moment, and of the same one those with a lower number than this. */
export function behindPlace({ timeMs, node, number }: LinePlace, of: string): { readonly timeMs: number; readonly number: number } {
  return { timeMs, number: of === node ? number : of > node ? Number.MAX_SAFE_INTEGER : 0 };
}

/** The newest first, over all nodes. @throws ProtocolError not_found, invalid_argument */
export async function listLogs(domain: Domain, { after, user_id: ref, ...input }: OperationInput<'logs.list'>): Promise<OperationOutput<'logs.list'>> {
  const place = openPage(domain, LIST, after);
  const user = await namedUser(domain, input.app_id ?? null, ref);
  const asked = { ...input, ...(user === undefined ? {} : { user_id: user }), ...(place === null ? {} : { after: place }) };
  const { parts, missing } = await domain.ask('logs.list', asked, null, input.node);
  const all = parts.flatMap(({ part }) => part.items).sort(newestFirst);
  const items = all.slice(0, input.limit);
  const last = items.at(-1);
  return { items, next: sealPage(domain, LIST, last && all.length > items.length ? writePlace(last) : null), missing_nodes: [...missing] };
}

function newestFirst(left: Line, right: Line): number {
  return right.time_ms - left.time_ms || (left.node === right.node ? right.number - left.number : left.node < right.node ? -1 : 1);
}

/** By event, over all nodes, the latest first. @throws ProtocolError not_found */
export async function listIncidents(domain: Domain, input: OperationInput<'incidents.list'>): Promise<OperationOutput<'incidents.list'>> {
  const { parts, missing } = await domain.ask('incidents.list', input, null, input.node);
  const found = new Map<string, Incident>();
  for (const { node, part } of parts) {
    for (const item of part.items) {
      const known = found.get(item.event);
      found.set(item.event, known ? together(known, { ...item, nodes: [node] }) : { ...item, nodes: [node] });
    }
  }
  return { items: [...found.values()].sort((left, right) => right.last_ms - left.last_ms), missing_nodes: [...missing] };
}

/** While it goes on somewhere, it is not over. */
function together(left: Incident, right: Incident): Incident {
  const later = right.last_ms > left.last_ms ? right : left;
  return {
    ...later, first_ms: Math.min(left.first_ms, right.first_ms), over_ms: left.over_ms === null || right.over_ms === null ? null : Math.max(left.over_ms, right.over_ms), count: left.count + right.count,
    nodes: [...left.nodes, ...right.nodes],
  };
}
