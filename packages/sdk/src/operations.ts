/** What users may ask for: the operation table, as types. Nothing of it is loaded. */
import type { UserCalls, UserCommands } from '@talaria/protocol/types';

/** Operations that read, or may be done twice. */
export type UserCall = keyof UserCalls;
/** Operations that are done once (SND2). */
export type UserCommand = keyof UserCommands;

type UserOperations = UserCalls & UserCommands;

/** What an operation takes, in the names of the HTTP API. Who asks is known. */
export type OperationInput<Op extends keyof UserOperations> = Omit<UserOperations[Op]['input'], 'as_user_id'>;

/** What an operation gives, in the names of the HTTP API. */
export type OperationOutput<Op extends keyof UserOperations> = UserOperations[Op]['output'];
