import { storageContract } from './contract.js';
import { openSqliteHarness } from './sqlite-harness.js';

storageContract('sqlite', openSqliteHarness);
