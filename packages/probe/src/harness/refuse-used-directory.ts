import { existsSync, readdirSync, statSync } from 'node:fs';

/** A history must not be mixed with another one. @throws Error when the directory holds anything */
export function refuseUsedDirectory(directory: string): void {
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory()) throw new Error(`${directory} is not a directory`);
  if (readdirSync(directory).length > 0) throw new Error(`${directory} is not empty; choose a new directory for the histories`);
}
