import { usePostgres } from '../support/postgres.js';
import { storageContract } from './contract.js';
import { openPostgresHarness } from './postgres-harness.js';

const server = usePostgres();

storageContract('partitioned postgres', (options) => openPostgresHarness(() => server().createDatabase(), { ...options, partitions: 4 }));
