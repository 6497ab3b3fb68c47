import type { OperationId } from './table.js';

export interface NamedShape {
  readonly name: string;
  /** The operation whose output has it … */
  readonly operation: OperationId;
  /** … in this field, or the items of it; empty for the output itself. */
  readonly field: string;
}

const shape = (name: string, operation: OperationId, field = ''): NamedShape => ({ name, operation, field });

/** Shapes that have a name of their own in the admin client and in OpenAPI. Elsewhere in the table they are known by their looks. */
export const namedShapes: readonly NamedShape[] = [
  shape('Membership', 'conversations.get', 'membership'), shape('Message', 'messages.get'), shape('Conversation', 'conversations.get'),
  shape('User', 'users.get'), shape('Presence', 'users.presence', 'items'), shape('Member', 'members.list', 'items'), shape('Mark', 'marks.list', 'items'), shape('Fact', 'facts.list', 'items'),
  shape('FactRange', 'facts.list', 'omitted'), shape('CommandResult', 'messages.edit'), shape('SendResult', 'messages.send'), shape('Tenant', 'tenants.get'), shape('App', 'apps.get'),
  shape('NewApp', 'apps.create'), shape('Key', 'keys.list', 'items'), shape('NewKey', 'keys.create'), shape('UsageHour', 'usage.list', 'items'),
  shape('ServerStatus', 'status.get'), shape('ClusterNode', 'cluster.get', 'nodes'), shape('SearchHit', 'search.messages', 'items'), shape('Highlight', 'search.messages', 'items.highlights'),
  shape('Suggestion', 'search.suggest', 'items'), shape('SearchIndex', 'search.status'), shape('SearchBuilding', 'search.status', 'building'),
];
