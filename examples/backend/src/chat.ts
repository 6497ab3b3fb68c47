/** What this backend asks of Talaria, with the app's key. The key never leaves it. */
import { connectAdmin } from '@talaria/sdk/admin';
import type { Session } from './sessions.js';
import type { User } from './users.js';

/** The user in whose name this backend reads and answers. */
export const BOT = 'orders-bot';
/** Who works in the shop. */
const STAFF = 'sam';

export type OrderState = 'open' | 'cancelled';

export interface Order {
  readonly conversationId: string;
  readonly buyer: string;
  readonly number: string;
  readonly state: OrderState;
}

export interface Chat {
  /** A token of the signed-in user. It lives for minutes; the SDK asks for the next one in time. */
  token(session: Session): Promise<string>;
  botToken(): Promise<string>;
  /** Ends the tokens of a session, and the connections that use them, within a second. */
  signOut(session: Session): Promise<void>;
  /** Makes the users whom conversations name before they have been here. */
  prepare(): Promise<void>;
  /** Makes the conversation about an order, with what the buyer wrote. The same number again is the same order. */
  order(buyer: User, number: string, text: string): Promise<Order>;
  /** @returns undefined where a conversation is not about an order */
  find(conversationId: string): Promise<Order | undefined>;
  /** @param cause the id of the fact because of which: the same again is done once */
  cancel(order: Order, cause: string): Promise<void>;
}

declare global {
  interface TalariaTypes {
    conversationData: { readonly order?: string; readonly buyer?: string; readonly state?: OrderState };
  }
}

/** @param tokenLife_s how long tokens are good, 10 to 3600 s */
export function createChat(url: string, key: string, tokenLife_s: number): Chat {
  const backend = connectAdmin({ url, key });
  const dataOf = ({ number, buyer, state }: Omit<Order, 'conversationId'>) => ({ order: number, buyer, state });

  return {
    async token({ user, deviceId }) {
      const { token } = await backend.auth.token({ external_id: user.id, name: user.name, device_id: deviceId, expires_in_s: tokenLife_s });
      return token;
    },
    async botToken() {
      return (await backend.auth.token({ external_id: BOT, name: 'Orders', expires_in_s: tokenLife_s })).token;
    },
    async signOut({ user, deviceId }) {
      await backend.auth.revoke({ user_id: `ext:${user.id}`, device_id: deviceId });
    },
    async prepare() {
      await backend.users.create({ external_id: BOT, name: 'Orders' });
      await backend.users.create({ external_id: STAFF, name: 'Sam of the shop' });
    },
    async order(buyer, number, text) {
      await backend.users.create({ external_id: buyer.id, name: buyer.name });
      const order: Omit<Order, 'conversationId'> = { buyer: buyer.id, number, state: 'open' };
      // Without `as_user_id` the conversation has no owner: nobody but this backend can take the bot out of it.
      const { conversation_id: conversationId } = await backend.conversations.create(
        { name: `Order ${number}`, member_ids: [`ext:${buyer.id}`, `ext:${STAFF}`, `ext:${BOT}`], data: dataOf(order) },
        { idempotencyKey: `order ${buyer.id} ${number}` },
      );
      // In the buyer's name, and once, however often the buyer's browser asks.
      await backend.messages.send({ conversation_id: conversationId, text, as_user_id: `ext:${buyer.id}` }, { idempotencyKey: `first of ${conversationId}` });
      return { ...order, conversationId };
    },
    async find(conversationId) {
      const { data: { order: number, buyer, state } } = await backend.conversations.get({ conversation_id: conversationId });
      return number === undefined || buyer === undefined || state === undefined ? undefined : { conversationId, number, buyer, state };
    },
    async cancel(order, cause) {
      await backend.conversations.update({ conversation_id: order.conversationId, data: dataOf({ ...order, state: 'cancelled' }) }, { idempotencyKey: `cancel ${cause}` });
    },
  };
}
