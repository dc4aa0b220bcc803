/** A setting that the controller cannot start with: names the variable and what it takes. */
export class ConfigError extends Error {}
