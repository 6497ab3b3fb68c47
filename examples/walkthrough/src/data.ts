/** What this app keeps in `data`. Said once, it is typed wherever data stands. Talaria does not look into it. */
export interface Dish {
  readonly id: number;
  readonly vegan: boolean;
}

declare global {
  interface TalariaTypes {
    userData: { readonly team?: string; readonly shifts?: readonly number[] };
    conversationData: { readonly year?: number };
    messageData: { readonly dish?: Dish; readonly ticket?: number };
  }
}
