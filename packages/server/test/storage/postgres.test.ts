import { usePostgres } from '../support/postgres.js';
import { storageContract, WRITING } from './contract.js';
import { CAREFUL, EAGER, openPostgresHarness } from './postgres-harness.js';

const server = usePostgres();

storageContract('postgres, eager', (options) => openPostgresHarness(() => server().createDatabase(), { ...options, appends: EAGER }));
storageContract('postgres, careful', (options) => openPostgresHarness(() => server().createDatabase(), { ...options, appends: CAREFUL }), WRITING);
