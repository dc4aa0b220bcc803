import type { Scope } from '@agentteam/contract';
import type { NativeTeam } from '@agentteam/volume';

/** What the hook has to know, in a file that the runner writes into the agent's HOME. */
export interface HookConfig {
  readonly agent: string;
  readonly native: NativeTeam;
  /** Its worktree, symbolic links resolved, where it has a scope. */
  readonly tree?: string;
  readonly scope?: Scope;
}
