/** What one connection follows. A list: it has at most `follow_max` entries, and a map of so few takes three times the memory. */
export class FollowList<Follow extends { readonly feed: { readonly stream: string } }> {
  private readonly list: Follow[] = [];

  get size(): number {
    return this.list.length;
  }

  /** In the order in which they were first followed. */
  values(): readonly Follow[] {
    return this.list;
  }

  get(stream: string): Follow | undefined {
    return this.list[this.indexOf(stream)];
  }

  has(stream: string): boolean {
    return this.indexOf(stream) >= 0;
  }

  /** Takes the place of an earlier follow of the same stream. */
  put(follow: Follow): void {
    const at = this.indexOf(follow.feed.stream);
    if (at < 0) this.list.push(follow);
    else this.list[at] = follow;
  }

  delete(stream: string): void {
    const at = this.indexOf(stream);
    if (at >= 0) this.list.splice(at, 1);
  }

  private indexOf(stream: string): number {
    return this.list.findIndex((follow) => follow.feed.stream === stream);
  }
}
