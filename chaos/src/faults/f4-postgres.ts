/**
 * F4 in a cluster: every fsync of Postgres fails. Postgres does not go on behind a write whose fate it does not know: it panics, and
 * begins anew from its log; while fsync still fails it cannot, and stops. Whoever keeps it starts it again.
 */
import { until } from '@talaria/probe';
import { between, sleep } from '../clock.js';
import type { Part } from '../fault.js';
import { keepPostgres } from '../keep-postgres.js';
import { rounds } from '../rounds.js';
import { traceSyncs, type TracedSyncs } from '../traced-syncs.js';
import { unsound } from '../talaria.js';
import { holdWithoutSync } from './f4-held.js';

/** Within this time Postgres has tried to sync, and panicked. */
const PANIC_MS = 20_000;
export const postgresFsync: Part = {
  async play(rig, endMs) {
    const { backing } = rig;
    const problems: string[] = [];
    const seen = { panics: 0, stopped: 0, refused: 0, not_ready: 0 };
    await rounds(endMs, 2, async (at) => {
      rig.show(`fsync has failed ${at} times so far`);
      await sleep(between(200, 1_500));
      const server = backing.postgres.process!;
      const panics = panicsOf(server.output());
      let over = false;
      void server.ended.then(() => (over = true));
      let failing: TracedSyncs | undefined;
      await rig.inject('postgres.fsync_error', async () => {
        failing = await traceSyncs(rig.scene, server.pid);
      });
      if (await until(() => over || panicsOf(server.output()) > panics, PANIC_MS)) seen.panics += 1;
      else problems.push('Postgres has gone on although no fsync succeeds');
      await holdWithoutSync(rig, seen, problems);
      await failing?.end();
      if (await keepPostgres(rig)) seen.stopped += 1;
      await rig.goesOn();
      problems.push(...await unsound(rig, 'after fsync errors'));
    });
    if (seen.refused === 0) problems.push('no send was refused as unavailable while no fsync succeeded');
    if (seen.not_ready === 0) problems.push('no node said that it was not ready');
    return { problems, figures: { panics: seen.panics, postgres_stopped: seen.stopped, refused_sends: seen.refused, not_ready: seen.not_ready } };
  },
};

/** How often it says that it has panicked, in what it wrote last. */
const panicsOf = (output: string): number => output.split('PANIC:').length - 1;
