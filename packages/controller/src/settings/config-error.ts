/** Thrown when a setting is missing or malformed. The message names the variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
