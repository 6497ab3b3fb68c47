import { readFileSync } from 'node:fs';

/** The text of a file that a setting names. @throws Error with one sentence that names the setting and the file */
export function readSettingFile(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`${setting} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
