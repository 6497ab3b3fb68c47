/** Which database a call of the port is for. Every call stands in one of the lists; the compiler counts them. */
import type { ReadCalls, Storage, WriteCalls } from '../port.js';
import type { SearchCalls } from '../search/port.js';

/** The app is their first parameter. */
export const BY_APP = [
  'head', 'conversation', 'conversations', 'directConversation', 'inbox', 'unread', 'members', 'intervals', 'commandKnown', 'message', 'messagesAt', 'versions', 'pins', 'entriesAbout', 'entries', 'calls', 'liveCalls', 'threads', 'marks', 'receipts', 'user', 'userByExternalId', 'userOfToken', 'usersById', 'users', 'lastSeen', 'usage', 'updateUser', 'addRevocations',
  'account', 'accountByLogin', 'session', 'sessions', 'attemptKnown', 'endSessions', 'rotateSession', 'takeAttempt', 'settleAttempt',
  'applyRetention',
] as const;
/** The app is a field of their first parameter. */
export const BY_FIELD = ['facts', 'changes', 'resume', 'messages', 'createUser', 'createAccount', 'setAccount', 'createSession', 'addDeadLetter', 'searchPlaces'] as const;
/** What the installation's own database alone keeps. */
export const OF_DIRECTORY = [
  'tenant', 'tenants', 'app', 'appByPublicKey', 'apps', 'key', 'keys', 'createTenant', 'updateTenant', 'createApp', 'updateApp', 'createKey', 'updateKey',
  'operator', 'operatorByLogin', 'operators', 'ownerKnown', 'operatorLink', 'operatorSession', 'operatorSessions', 'createOperator', 'changeOperator', 'deleteOperator', 'addOperatorLink', 'acceptOperatorLink',
  'createOperatorSession', 'useOperatorSession', 'endOperatorSessions',
] as const;
/** What each database has of its own: the order of its log, its consumers and their cursors. */
export const OF_LOG = [
  'info', 'moved', 'factsAfterPosition', 'marksVersions', 'revocations', 'usageAfterPosition', 'deadLetters', 'consumers', 'bytes', 'due', 'lease', 'commitProgress', 'pruneKeys', 'pruneIdentity', 'searchState', 'indexMessages',
  'rebuildSearch',
] as const;

/** Of several databases. */
export const OTHERS = ['addSeen', 'deleteApp', 'deleteTenant'] as const;

type Listed = (typeof BY_APP)[number] | (typeof BY_FIELD)[number] | (typeof OF_DIRECTORY)[number] | (typeof OF_LOG)[number] | (typeof OTHERS)[number];
/** Every call but `append` and `mark`, which answer with outcomes. */
export const CALLS: readonly Listed[] = [...BY_APP, ...BY_FIELD, ...OF_DIRECTORY, ...OF_LOG, ...OTHERS];
export type Calls = Pick<Storage, keyof ReadCalls | keyof WriteCalls | keyof SearchCalls>;
/** Fails to compile when a call of the port stands in no list. */
export const everyCallIsListed: [Exclude<keyof Calls, Listed>, Exclude<Listed, keyof Calls>] extends [never, never] ? true : never = true;

/** A call of the port, whatever it is. */
export type AnyCall = (...args: readonly unknown[]) => Promise<unknown>;
