import type { Scope } from '@agentteam/contract';
import type { NativeTeam } from '@agentteam/volume';

/** Configuration of the hook. The runner writes it to a file in the agent's HOME. */
export interface HookConfig {
  readonly agent: string;
  readonly native: NativeTeam;
  /** Real path of the agent's worktree, if the agent has a scope. */
  readonly tree?: string;
  readonly scope?: Scope;
}
