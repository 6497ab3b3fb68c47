import { existsSync, readdirSync, statSync } from 'node:fs';
import { UsageError } from './command.js';

/** A history must not be mixed with another one. @throws UsageError when the directory holds anything */
export function refuseUsedDirectory(directory: string): void {
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory()) throw new UsageError(`${directory} is not a directory`);
  if (readdirSync(directory).length > 0) throw new UsageError(`${directory} is not empty; choose a new directory for the histories`);
}
