import type { OperationId } from './table.js';

export interface NamedShape {
  readonly name: string;
  /** Whether it is of what an operation takes, with what may be left out there, or of what it gives. */
  readonly io: 'input' | 'output';
  /** The operation whose output, or input, has it … */
  readonly operation: OperationId;
  /** … in this field, or the items of it; empty for the output itself. */
  readonly field: string;
}

const shape = (name: string, operation: OperationId, field = ''): NamedShape => ({ name, io: 'output', operation, field });
const taken = (name: string, operation: OperationId, field: string): NamedShape => ({ name, io: 'input', operation, field });

/** Shapes that have a name of their own in the admin client and in OpenAPI. Elsewhere in the table they are known by their looks. */
export const namedShapes: readonly NamedShape[] = [
  shape('Membership', 'conversations.get', 'membership'), shape('Message', 'messages.get'), shape('Conversation', 'conversations.get'),
  shape('User', 'users.get'), shape('Presence', 'users.presence', 'items'), shape('Member', 'members.list', 'items'), shape('Mark', 'marks.list', 'items'), shape('Fact', 'facts.list', 'items'),
  shape('FactRange', 'facts.list', 'omitted'), shape('CommandResult', 'messages.edit'), shape('SendResult', 'messages.send'), shape('Tenant', 'tenants.get'), shape('App', 'apps.get'), shape('Issuer', 'apps.get', 'issuers'), taken('NewIssuer', 'apps.update', 'issuers'),
  shape('NewApp', 'apps.create'), shape('Key', 'keys.list', 'items'), shape('NewKey', 'keys.create'), shape('UsageHour', 'usage.list', 'items'),
  shape('LoggedIn', 'identity.login'), shape('Account', 'accounts.get'), shape('Session', 'sessions.list', 'items'), shape('IdentitySettings', 'apps.get', 'identity'),
  taken('NewIdentitySettings', 'apps.update', 'identity'),
  shape('ServerStatus', 'status.get'), shape('ClusterNode', 'cluster.get', 'nodes'), shape('SearchHit', 'search.messages', 'items'), shape('Highlight', 'search.messages', 'items.highlights'),
  shape('Suggestion', 'search.suggest', 'items'), shape('Call', 'calls.get'), shape('CallParticipant', 'calls.get', 'participants'), shape('SearchIndex', 'search.status'), shape('SearchBuilding', 'search.status', 'building'),
  shape('Operator', 'operators.get'), shape('OperatorSession', 'operators.sessions', 'items'), shape('SignedIn', 'session.get'),
  shape('Stats', 'stats.get'), shape('StatsSeries', 'stats.get', 'series'), shape('ConnectionDetail', 'connections.get'), shape('FollowedStream', 'connections.get', 'streams'),
  shape('Connection', 'connections.list', 'items'), shape('LogLine', 'logs.list', 'items'), shape('Incident', 'incidents.list', 'items'), shape('EffectiveSetting', 'settings.list', 'items'),
  shape('ConsumerState', 'consumers.list', 'items'), shape('Trace', 'traces.list', 'items'), shape('MessageTrace', 'traces.get'), shape('TraceStep', 'traces.get', 'steps'), shape('TraceWrite', 'traces.get', 'writes'),
];
