/** Which screen a path shows. */
import type { JSX } from 'preact';
import { matchPath } from '../router/match.js';
import { Account } from './account.js';
import { AppKeys, InstallationKeys } from './keys.js';
import { AppSettings } from './app-settings.js';
import { Apps } from './apps.js';
import { ConnectionDetail } from './connection-detail.js';
import { Connections } from './connections.js';
import { Consumers } from './consumers.js';
import { ConversationDetail } from './conversation-detail.js';
import { Conversations } from './conversations.js';
import { Incidents } from './incidents.js';
import { Logs } from './logs.js';
import { MessageDetail } from './message-detail.js';
import { Nodes } from './nodes.js';
import { Operators } from './operators.js';
import { OperatorDetail } from './operator-detail.js';
import { Overview } from './overview.js';
import { Settings } from './settings.js';
import { TenantDetail } from './tenant-detail.js';
import { Tenants } from './tenants.js';
import { Traces } from './traces.js';
import { AppUsage, Usage } from './usage.js';
import { UserDetail } from './user-detail.js';
import { Users } from './users.js';

type Params = Readonly<Record<string, string>>;
type Show = (params: Params) => JSX.Element;

const at = (params: Params, name: string): string => params[name] ?? '';

const routes: readonly (readonly [template: string, show: Show])[] = [
  ['/', () => <Overview />],
  ['/tenants', () => <Tenants />],
  ['/tenants/:tenant', (params) => <TenantDetail id={at(params, 'tenant')} />],
  ['/apps', () => <Apps />],
  ['/apps/:app', (params) => <AppSettings id={at(params, 'app')} />],
  ['/apps/:app/keys', (params) => <AppKeys app={at(params, 'app')} />],
  ['/apps/:app/users', (params) => <Users app={at(params, 'app')} />],
  ['/apps/:app/users/:user', (params) => <UserDetail app={at(params, 'app')} id={at(params, 'user')} />],
  ['/apps/:app/conversations', (params) => <Conversations app={at(params, 'app')} />],
  ['/apps/:app/conversations/:conversation', (params) => <ConversationDetail app={at(params, 'app')} id={at(params, 'conversation')} />],
  ['/apps/:app/messages/:message', (params) => <MessageDetail app={at(params, 'app')} id={at(params, 'message')} />],
  ['/apps/:app/usage', (params) => <AppUsage app={at(params, 'app')} />],
  ['/usage', () => <Usage />],
  ['/connections', () => <Connections />],
  ['/connections/:connection', (params) => <ConnectionDetail id={at(params, 'connection')} />],
  ['/consumers', () => <Consumers />],
  ['/nodes', () => <Nodes />],
  ['/logs', () => <Logs />],
  ['/incidents', () => <Incidents />],
  ['/traces', () => <Traces />],
  ['/settings', () => <Settings />],
  ['/keys', () => <InstallationKeys />],
  ['/operators', () => <Operators />],
  ['/operators/:operator', (params) => <OperatorDetail id={at(params, 'operator')} />],
  ['/account', () => <Account />],
];

/** @returns undefined where there is no screen */
export function screenAt(path: string): JSX.Element | undefined {
  for (const [template, show] of routes) {
    const params = matchPath(template, path);
    if (params) return show(params);
  }
  return undefined;
}
