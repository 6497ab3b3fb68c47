/** The entry `@talaria/sdk/admin`. */
export { connectAdmin, type Admin, type AdminOptions } from './admin.js';
export type { AdminCallOptions } from './call-options.js';
export { TalariaError, type TalariaErrorCode } from '../errors.js';
export type {
  Account, AccountsGetInput, AccountsPasswordInput, AccountsSetInput, App, AppsCreateInput, AppsDeleteInput, AppsGetInput, AppsListInput, AppsListOutput, AppsUpdateInput, AuthRevokeInput, AuthTokenInput,
  AuthTokenOutput, CommandResult, Conversation, ConversationsCreateInput, ConversationsGetInput, ConversationsUpdateInput, Fact, FactRange,
  FactsChangesInput, FactsChangesOutput, FactsListInput, FactsListOutput, IdentitySettings, InboxListInput, InboxListOutput, Issuer, Json, Key, KeysCreateInput, KeysListInput,
  KeysListOutput, KeysRevokeInput, KeysRotateInput, Mark, MarksListInput, MarksListOutput, MarksSetInput, MarksUnreadInput, Member, MembersAddInput,
  MembersListInput, MembersListOutput, MembersRemoveInput, MembersUpdateInput, Membership, Message, MessagesDeleteInput, MessagesEditInput,
  MessagesGetInput, MessagesListInput, MessagesListOutput, MessagesSendInput, NewApp, NewIdentitySettings, NewIssuer, NewKey,
  ServerStatus, Session, SessionsClearInput, SessionsClearOutput, SessionsListInput, SessionsListOutput, SessionsRevokeInput, StatusGetInput, Tenant, TenantsCreateInput,
  TenantsDeleteInput, TenantsGetInput, TenantsListInput, TenantsListOutput, TenantsUpdateInput, UsageHour, UsageListInput, UsageListOutput, User,
  UsersBatchInput, UsersBatchOutput, UsersCreateInput, UsersGetInput, UsersListInput, UsersListOutput, UsersUpdateInput
} from '@talaria/protocol/types';
