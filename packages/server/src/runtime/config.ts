/** The server's configuration, published as `@talaria/server/config`: light enough to load for a help text. */
export { ConfigError, type ConfigIssue } from './config-error.js';
export { toolVariables, type Environment } from './config-environment.js';
export type { ConfigFile } from './config-file.js';
export type { Kind, Reading } from './config-kinds.js';
export { loadConfig, type Config, type ConfigEntry, type ConfigSources } from './config-load.js';
export { nearestName } from './config-nearest.js';
export { configReference } from './config-reference.js';
export {
  flagOf,
  settingNames,
  settingOf,
  settings,
  variableOf,
  type ConfigValues,
  type Setting,
  type SettingName,
} from './config-settings.js';
