/** The menu: groups of screens, each with the operation without which there is nothing to see there. */
import type { OperationId } from './api/client.js';
import { BASE, href } from './router/match.js';

export interface Entry {
  readonly text: string;
  readonly href: string;
  readonly needs: OperationId;
  /** Paths that belong to it and do not stand below its own. */
  readonly also?: string;
}

export interface Group {
  readonly text: string;
  readonly entries: readonly Entry[];
}

const entry = (text: string, path: string, needs: OperationId): Entry => ({ text, href: href(path), needs });

export const installation: readonly Group[] = [
  { text: 'Installation', entries: [
    entry('Overview', '/', 'stats.get'), entry('Connections', '/connections', 'connections.list'), entry('Consumers', '/consumers', 'consumers.list'), entry('Traces', '/traces', 'traces.list'),
    entry('Incidents', '/incidents', 'incidents.list'), entry('Log', '/logs', 'logs.list'), entry('Nodes', '/nodes', 'cluster.get'), entry('Settings', '/settings', 'settings.list'),
  ] },
  { text: 'Customers', entries: [entry('Tenants', '/tenants', 'tenants.list'), entry('Apps', '/apps', 'apps.list'), entry('Usage', '/usage', 'usage.list')] },
  { text: 'Access', entries: [entry('Keys', '/keys', 'keys.list'), entry('Operators', '/operators', 'operators.list')] },
];

/** What one app has, when a screen of it is open. */
export function ofApp(app: string): Group {
  const base = `/apps/${encodeURIComponent(app)}`;
  return {
    text: 'This app',
    entries: [
      entry('Settings', base, 'apps.get'), entry('Keys', `${base}/keys`, 'keys.list'), entry('Users', `${base}/users`, 'users.list'),
      { ...entry('Conversations', `${base}/conversations`, 'conversations.list'), also: href(`${base}/messages`) }, entry('Usage', `${base}/usage`, 'usage.list'),
    ],
  };
}

/** Groups without what the role may not see, and without those that are empty then. */
export function shown(groups: readonly Group[], may: (id: OperationId) => boolean): readonly Group[] {
  return groups.map(({ text, entries }) => ({ text, entries: entries.filter(({ needs }) => may(needs)) })).filter(({ entries }) => entries.length > 0);
}

/** The entry that a path is at or below; the longest of them. */
export function entryAt(groups: readonly Group[], pathname: string): string | undefined {
  const path = pathname.replace(/\/+$/, '');
  const within = (address: string): boolean => {
    const bare = address.replace(/\/+$/, '');
    return path === bare || (path.startsWith(`${bare}/`) && bare !== BASE);
  };
  const found = groups.flatMap(({ entries }) => entries).flatMap((one) => [one.href, ...(one.also === undefined ? [] : [one.also])].filter(within).map((address) => ({ entry: one.href, length: address.length })));
  return found.toSorted((left, right) => right.length - left.length)[0]?.entry;
}
