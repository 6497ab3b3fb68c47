/**
 * Waits until something is so. The test's own time limit ends a wait for what never comes, so no test decides by how
 * much time went by.
 */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Lets everything that is already on its way to this process be handled, twice over. */
export async function turns(count = 4): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
