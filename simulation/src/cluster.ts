/** All nodes of a run, on one disk and one bus. */
import { BusHub } from './bus-hub.js';
import type { Dice } from './dice.js';
import { SimNode, type NodeParts } from './node.js';

export class Cluster {
  readonly hub: BusHub;
  readonly nodes: readonly SimNode[];

  constructor(parts: Omit<NodeParts, 'at' | 'hub' | 'dice'>, count: number, private readonly dice: Dice) {
    this.hub = new BusHub(dice.named('bus'));
    this.nodes = Array.from({ length: count }, (_, at) => new SimNode({ ...parts, at, dice: at === 0 ? dice : dice.named(`${at}`), hub: count === 1 ? undefined : this.hub }));
  }

  get single(): boolean {
    return this.nodes.length === 1;
  }

  async start(): Promise<void> {
    await Promise.all(this.nodes.filter(({ up }) => !up).map((node) => node.start()));
  }

  crash(): void {
    for (const node of this.nodes) node.crash();
  }

  /** Any one: which a fault hits, or a request comes to. */
  any(): SimNode {
    return this.single ? this.nodes[0]! : this.dice.pick(this.nodes);
  }

  /** Any one that runs, or one that does not when none does. */
  anyUp(): SimNode {
    const up = this.nodes.filter((node) => node.up);
    return up.length === 0 ? this.nodes[0]! : up.length === 1 ? up[0]! : this.dice.pick(up);
  }
}
