/** F12: what happens to a Postgres: sessions are killed, the server is, tables are locked, transactions are left open. */
import { between, sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { rounds } from '../rounds.js';
import type { Rig } from '../rig.js';

const KILLS = 8;
/** Longer than a node waits for a lock. */
const LOCKED_MS = 3_000;
const OPEN_MS = 3_000;

interface Trouble {
  readonly name: string;
  /** @returns how many commands were acked meanwhile, where some should be */
  readonly happen: (rig: Rig) => Promise<number | void>;
}

const TROUBLES: readonly Trouble[] = [
  {
    name: 'postgres.sessions_killed',
    async happen(rig) {
      await rig.backing.session(async (sql) => {
        const kill = async (): Promise<void> => void await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'talaria'`;
        await rig.inject('postgres.sessions_killed', kill);
        for (let at = 1; at < KILLS; at += 1) {
          await sleep(between(20, 150));
          await kill();
        }
      });
    },
  },
  {
    name: 'postgres.killed',
    async happen(rig) {
      const { postgres } = rig.backing;
      await rig.inject('postgres.killed', async () => {
        postgres.process!.signal('SIGQUIT');
        await postgres.process!.ended;
      });
      await sleep(between(100, 2_000));
      await postgres.restart();
    },
  },
  {
    name: 'postgres.locked',
    async happen(rig) {
      await rig.backing.session((sql) => sql.begin(async (held) => {
        await rig.inject('postgres.locked', async () => void await held`LOCK TABLE events IN ACCESS EXCLUSIVE MODE`);
        await sleep(LOCKED_MS);
      }));
    },
  },
  {
    // The order of the store is not settled meanwhile; deliveries do not wait for that (CLU3).
    name: 'postgres.transaction_left_open',
    happen: (rig) => rig.backing.session((sql) => sql.begin(async (held) => {
      await rig.inject('postgres.transaction_left_open', async () => void await held`SELECT pg_current_xact_id()`);
      const { seen } = await rig.state();
      await sleep(OPEN_MS);
      return (await rig.state()).seen - seen;
    })),
  },
];

export const postgresBroken: Fault = {
  id: 'F12',
  topologies: ['cluster'],
  name: 'Postgres broken',
  async play(rig, endMs) {
    const problems: string[] = [];
    let seen = 0;
    await rounds(endMs, TROUBLES.length, async (at) => {
      const { name, happen } = TROUBLES[at % TROUBLES.length]!;
      rig.show(`${name}, ${at} troubles so far`);
      await sleep(between(200, 1_000));
      const meanwhile = await happen(rig);
      if (meanwhile === 0) problems.push(`nobody saw anything during ${name}`);
      seen += meanwhile ?? 0;
      await rig.goesOn();
    });
    return { problems, figures: { seen_without_horizon: seen } };
  },
};
