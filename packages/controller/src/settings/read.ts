import { ConfigError } from './config-error.ts';
import type { AlwaysSet, Setting } from './setting.ts';
import { SETTINGS, type Settings } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads every setting from the environment. A variable that is empty counts as not set.
 * @throws ConfigError when a required variable is not set or one is malformed.
 */
export function readSettings(env: Environment): Settings {
  const values = Object.entries(SETTINGS).map(([name, setting]) => [
    name,
    readSetting(setting as Setting<unknown>, env),
  ]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Settings;
}

/** Reads one setting. @throws ConfigError as `readSettings` does. */
export function readSetting<Value>(setting: AlwaysSet<Value>, env: Environment): Value;
export function readSetting<Value>(setting: Setting<Value>, env: Environment): Value | undefined;
export function readSetting<Value>(
  { variable, type, required, summary, default: fallback }: Setting<Value>,
  env: Environment,
): Value | undefined {
  const text = env[variable]?.trim();
  if (!text) {
    if (required) throw new ConfigError(`${variable} is not set: ${summary}`);
    return fallback;
  }
  const value = type.parse(text);
  if (value !== undefined) return value;
  throw new ConfigError(`${variable}=${text}: expected ${type.expected}`);
}
