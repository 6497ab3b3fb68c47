import { readdirSync } from 'node:fs';

/** The version of the schema that a folder of migrations leads to. */
export const newestOf = (migrations: URL): number => readdirSync(migrations).filter((name) => /^\d{4}-.*(?<!\.down)\.sql$/.test(name)).length;
