import type { SettingType } from './types.ts';

/** How a variable of the controller is documented, and which value of the Helm chart sets it. */
export interface Declaration {
  /** Name of the environment variable. */
  readonly variable: string;
  /** One phrase without a full stop: the line of `--help`. */
  readonly summary: string;
  /** Further sentences, for values.yaml and docs/settings.md. */
  readonly details?: string;
  /** What applies when the variable is not set, as a phrase. */
  readonly whenUnset?: string;
  readonly chart?: ChartValue;
}

/** One setting: its type, its default, and where an operator sets it. */
export interface Setting<Value> extends Declaration {
  readonly type: SettingType<Value>;
  /** Absent: the setting is undefined when the variable is not set. */
  readonly default?: Value;
  /** The controller does not start without it. */
  readonly required?: true;
}

/** A setting that has a value in every configuration. */
export type AlwaysSet<Value> = Setting<Value> &
  ({ readonly default: Value } | { readonly required: true });

/** The declarations of settings, by the name of each. */
export type SettingsTable<Settings> = {
  readonly [Name in keyof Settings]-?: undefined extends Settings[Name]
    ? Setting<NonNullable<Settings[Name]>>
    : AlwaysSet<Settings[Name]>;
};

/** The value of the chart that sets a variable. */
export interface ChartValue {
  /** Path in values.yaml, such as `teams.nodeSelector`. */
  readonly path: string;
  /** Describes the value where it is something other than the variable, such as the Secret with a file. */
  readonly summary?: string;
  readonly details?: string;
  /** Default in values.yaml. Default: that of the setting; if it has none, the empty value of the type. */
  readonly default?: unknown;
  /** JSON schema of the value. Default: that of the type. */
  readonly schema?: object;
  /** The variable is this constant whenever the value is set: the path of a mounted file. */
  readonly constant?: string;
  /** The variable is set only if one of these values is set. Default: the value itself. */
  readonly onlyWith?: readonly string[];
}
