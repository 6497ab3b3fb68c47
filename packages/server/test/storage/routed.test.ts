import { usePostgres } from '../support/postgres.js';
import { storageContract, WRITING } from './contract.js';
import { consumersContract } from './contract/consumers.js';
import { isolationContract } from './contract/isolation.js';
import { tenancyContract } from './contract/tenancy.js';
import { usersContract } from './contract/users.js';
import { openMemoryHarness } from './memory-harness.js';
import { openPostgresHarness } from './postgres-harness.js';
import { openRoutedHarness } from './routed-harness.js';

const server = usePostgres();
const createDatabase = (): Promise<string> => server().createDatabase();

storageContract('routed, the tenant in memory', async (options) => openRoutedHarness(await createDatabase(), openMemoryHarness, options));
storageContract(
  'routed, the tenant on Postgres', async (options) => openRoutedHarness(await createDatabase(), (given) => openPostgresHarness(createDatabase, given), options),
  [...WRITING, usersContract, tenancyContract, consumersContract, isolationContract],
);
