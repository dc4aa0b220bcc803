import type { ImageEngine, SandboxNetwork } from '@agentteam/local';
import type { GateAnswer } from '../teams/gates.ts';

/** The options of `agentteam run`. */
export interface RunOptions {
  readonly rehearse?: string | true;
  readonly dir?: string;
  readonly name?: string;
  readonly configmap?: Readonly<Record<string, string>>;
  readonly volume?: Readonly<Record<string, string>>;
  readonly secret?: Readonly<Record<string, string>>;
  readonly repository?: string;
  readonly output?: string;
  /** `--sandbox` or `--no-sandbox`; absent when neither was given. */
  readonly sandbox?: boolean;
  readonly network?: SandboxNetwork;
  readonly reach?: readonly string[];
  /** What runs agents in their images; true: whatever is installed. */
  readonly containers?: ImageEngine['name'] | true;
  readonly approve?: readonly string[];
  readonly gates?: GateAnswer;
  readonly budget?: string;
  readonly prices?: string;
  readonly apiFeature?: readonly string[];
  /** Whether a rehearsal fetches skills and plugins. */
  readonly fetch?: true;
  readonly record?: true;
  readonly keep?: true;
  readonly json?: true;
}
