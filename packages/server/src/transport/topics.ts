/** Which sockets follow which topic, for a driver whose library has no topics. */
export class Topics<Follower extends object> {
  readonly #followers = new Map<string, Set<Follower>>();
  readonly #topics = new Map<Follower, Set<string>>();

  join(topic: string, follower: Follower): void {
    add(this.#followers, topic, follower);
    add(this.#topics, follower, topic);
  }

  leave(topic: string, follower: Follower): void {
    remove(this.#followers, topic, follower);
    remove(this.#topics, follower, topic);
  }

  leaveAll(follower: Follower): void {
    const topics = this.#topics.get(follower);
    if (!topics) return;
    this.#topics.delete(follower);
    for (const topic of topics) remove(this.#followers, topic, follower);
  }

  /** Those who follow the topic, if anybody does. */
  followers(topic: string): Iterable<Follower> | undefined {
    return this.#followers.get(topic);
  }
}

function add<Key, Value>(map: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values) values.add(value);
  else map.set(key, new Set([value]));
}

/** A set that became empty goes: topics and sockets come and go for as long as the server runs. */
function remove<Key, Value>(map: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values?.delete(value) && values.size === 0) map.delete(key);
}
