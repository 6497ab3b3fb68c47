/** One suite for every storage driver: the duties of the port, told by the numbers of the rules. */
import { describe } from 'vitest';
import { appendContract } from './contract/append.js';
import { batchesContract } from './contract/batches.js';
import { callsContract } from './contract/calls.js';
import { commandKeysContract } from './contract/command-keys.js';
import { consumersContract } from './contract/consumers.js';
import { conversationsContract } from './contract/conversations.js';
import { editsContract } from './contract/edits.js';
import { foldingContract } from './contract/folding.js';
import { identityContract } from './contract/identity.js';
import { isolationContract } from './contract/isolation.js';
import { lanesContract } from './contract/lanes.js';
import { marksContract } from './contract/marks.js';
import { messagesContract } from './contract/messages.js';
import { operatorsContract } from './contract/operators.js';
import { resumeContract } from './contract/resume.js';
import { retentionContract } from './contract/retention.js';
import { searchContract } from './contract/search.js';
import { tenancyContract } from './contract/tenancy.js';
import { unreadContract } from './contract/unread.js';
import { usersContract } from './contract/users.js';
import { visibilityContract } from './contract/visibility.js';
import type { OpenHarness } from './harness.js';

const PARTS = [
  appendContract, commandKeysContract, lanesContract, batchesContract, visibilityContract, messagesContract, editsContract, retentionContract, resumeContract,
  conversationsContract, marksContract, unreadContract, usersContract, identityContract, tenancyContract, operatorsContract, consumersContract, callsContract, isolationContract, foldingContract, searchContract,
];

/** What a driver does with commands. */
export const WRITING = [appendContract, commandKeysContract, lanesContract, batchesContract, editsContract, retentionContract] as const;

/** Registers the suite for a driver. */
export function storageContract(name: string, open: OpenHarness, parts: readonly ((open: OpenHarness) => void)[] = PARTS): void {
  describe(`storage contract: ${name}`, () => {
    for (const part of parts) part(open);
  });
}
