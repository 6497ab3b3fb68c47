export interface ConfigIssue {
  /** The setting, or the unknown name. */
  readonly field: string;
  /** One line that names the field and where it was set. */
  readonly message: string;
}

/** The configuration cannot be used. The message is the first issue's; there may be more. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly issues: readonly [ConfigIssue, ...ConfigIssue[]]) {
    super(issues[0].message);
  }
}
