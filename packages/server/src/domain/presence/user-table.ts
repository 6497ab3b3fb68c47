/** Something for each of many users, by app. Nothing of one app is found with another's name (ISO1). */
export class UserTable<Value> {
  private readonly apps = new Map<string, Map<string, Value>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(app: string, user: string): Value | undefined {
    return this.apps.get(app)?.get(user);
  }

  set(app: string, user: string, value: Value): void {
    const users = this.apps.get(app) ?? new Map<string, Value>();
    if (users.size === 0) this.apps.set(app, users);
    if (!users.has(user)) this.count += 1;
    users.set(user, value);
  }

  delete(app: string, user: string): void {
    const users = this.apps.get(app);
    if (!users?.delete(user)) return;
    this.count -= 1;
    if (users.size === 0) this.apps.delete(app);
  }

  clear(): void {
    this.apps.clear();
    this.count = 0;
  }

  *entries(): Generator<readonly [app: string, user: string, value: Value]> {
    for (const [app, users] of this.apps) for (const [user, value] of users) yield [app, user, value];
  }
}
