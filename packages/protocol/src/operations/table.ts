/** The one table that serves HTTP, the socket's calls, OpenAPI, the admin client and the CLI. */
import { authOperations } from './auth.js';
import { callOperations } from './calls.js';
import { conversationOperations } from './conversations.js';
import { identityOperations } from './identity.js';
import { insightOperations } from './insight.js';
import { joiningOperations } from './joining.js';
import { markOperations } from './marks.js';
import { messageStateOperations } from './message-state.js';
import { messageOperations } from './messages.js';
import type { Operation } from './operation.js';
import { operatorOperations } from './operators.js';
import { ownStateOperations } from './own-state.js';
import { searchOperations } from './search.js';
import { signalOperations } from './signals.js';
import { tenancyOperations } from './tenancy.js';
import { userOperations } from './users.js';
import { waitingOperations } from './waiting.js';

export const operations = {
  ...authOperations, ...identityOperations, ...userOperations, ...conversationOperations, ...joiningOperations, ...messageOperations, ...searchOperations, ...messageStateOperations, ...markOperations, ...signalOperations, ...ownStateOperations, ...waitingOperations, ...callOperations, ...tenancyOperations, ...operatorOperations, ...insightOperations,
} as const;

export type OperationId = keyof typeof operations;
export type OperationInput<Id extends OperationId> = (typeof operations)[Id]['input']['_output'];
export type OperationOutput<Id extends OperationId> = (typeof operations)[Id]['output']['_output'];

export const operationIds = Object.keys(operations) as readonly OperationId[];

/** @returns the operation of that id, or undefined. */
export function findOperation(id: string): Operation | undefined {
  return Object.hasOwn(operations, id) ? operations[id as OperationId] : undefined;
}
