/** What the compiler tells the runner, as JSON in `AGENTTEAM_SPEC`. All paths are container paths. */

/** The lead's name among native team members: the CLI treats mail from it as the lead's. */
export const LEAD = 'team-lead';

export type Role = 'lead' | 'teammate';
export type PermissionMode = 'auto-accept' | 'plan' | 'default';

export interface TeamRef {
  /** The team's name: also that of the Workflow and of `teams/<name>`. */
  readonly team: string;
  readonly namespace: string;
}

/** A member as the roster needs it. The lead is the first and is called {@link LEAD}. */
export interface MemberSpec {
  readonly name: string;
  readonly role: Role;
  readonly model: string;
  readonly prompt: string;
  readonly dependsOn: readonly string[];
  /** Working directory of its process. */
  readonly cwd: string;
  /** What it may change in the repository: the steps that merge and deliver check it. Absent: everything. */
  readonly scope?: Scope;
  /** As {@link AgentSpec.work}; in the lead's spec alone, which waits for the others. */
  readonly work?: string;
}

export interface Scope {
  /** Path prefixes relative to the repository root; empty: everything. */
  readonly includePaths: readonly string[];
  readonly excludePaths: readonly string[];
}

export interface RepositoryRef {
  readonly url: string;
  /** Branch that the work starts from; absent: the remote's default branch. */
  readonly branch?: string;
  readonly worktreeStrategy: 'per-teammate' | 'shared';
  /** Branch that all work is merged into; templates already expanded. */
  readonly resultBranch: string;
  /** Run once in each worktree before its agent starts; exec form. Empty: none. */
  readonly setupCommand: readonly string[];
  /** What of an agent's uncommitted files is not committed for it. Absent: the defaults. */
  readonly leftovers?: LeftoverRules;
}

/** Rules for the files that an agent leaves uncommitted in its worktree. */
export interface LeftoverRules {
  /** Patterns as in `.gitignore`, after the default ones: `!dist/` takes one back. */
  readonly ignore: readonly string[];
  /** Bytes; a larger new file is left out. */
  readonly maxFileSize: number;
}

export interface SetupSpec extends TeamRef {
  readonly members: readonly MemberSpec[];
  readonly repository?: RepositoryRef;
  /** How the result leaves the team, so that it is known before the first agent starts whether it can. */
  readonly delivery?: {
    readonly onComplete: 'create-pr' | 'push-branch';
    readonly pullRequest?: PullRequestSpec;
  };
  /** Checks whose commands are looked for in the repository before the first agent starts. */
  readonly required?: readonly RequiredCheck[];
}

export type RequiredCheck = 'test' | 'lint';

export interface AgentSpec extends TeamRef {
  readonly name: string;
  readonly role: Role;
  /** `opus`, `sonnet`, `haiku` or a full model id, as `claude --model` takes it. */
  readonly model: string;
  readonly prompt: string;
  /**
   * Digest of what the agent is asked to do and of what it starts from. Where a retry changes it, work that
   * an earlier attempt completed is done again.
   */
  readonly work: string;
  readonly permissionMode: PermissionMode;
  /** Names of the teammates whose reports this one is told before it starts. */
  readonly dependsOn: readonly string[];
  /** All members, lead first; in a teammate's spec without prompts and scopes, its own included. */
  readonly members: readonly MemberSpec[];
  readonly cwd: string;
  /** Mount paths of the inputs (read-only) and of the output, in Cowork mode. */
  readonly inputs: readonly string[];
  readonly output?: string;
  readonly repository?: RepositoryRef;
  readonly scope?: Scope;
  readonly skills: readonly string[];
  readonly mcpServers: readonly string[];
  /** Attempts after the first; the last attempt writes the final state. */
  readonly maxRestarts: number;
}

export type OnLimit = 'finish' | 'cut' | 'reserve';
export type OnProviderLimit = 'wait' | 'fail';

export interface GatewaySpec extends TeamRef {
  readonly agent: string;
  /** US dollars as decimal text (`"30.00"`); absent: no limit. */
  readonly teamLimit?: string;
  readonly agentLimit?: string;
  readonly onLimit: OnLimit;
  readonly onProviderLimit: OnProviderLimit;
  /** As in {@link AgentSpec}: the provider is asked for it before the agent starts. */
  readonly model: string;
  /** Secret that is mounted at `credentials/api`, for messages; absent where the team names none. */
  readonly secret?: string;
  readonly mcpServers: readonly McpServerRef[];
  /** Keep replies for a later rehearsal, under the ledger directory. */
  readonly record: boolean;
  /** Whether the agent's own tasks are the progress of this step. */
  readonly progress: boolean;
  /** Features of the Messages API that the installation allows besides those that the gateway does. */
  readonly apiFeatures?: readonly string[];
}

export interface McpServerRef {
  readonly name: string;
  readonly url: string;
  /** Whether a secret is mounted at `credentials/mcp/<name>` (its `token` key is sent as Bearer). */
  readonly credential: boolean;
}

export interface ChecksSpec extends TeamRef {
  readonly repository?: RepositoryRef;
  readonly output?: string;
  /** What runs, in this order. */
  readonly checks: readonly CheckSpec[];
  /** Shell script text; empty: none. */
  readonly validationScript: string;
  /** How long each check may run. */
  readonly timeoutSeconds: number;
  /** How often the lead may put a failure right. */
  readonly rounds: number;
  /** The lead, for those rounds. */
  readonly lead: AgentSpec;
}

export interface CheckSpec {
  readonly kind: RequiredCheck;
  /** Shell command; absent: what is found in the repository. */
  readonly command?: string;
}

export interface PullRequestSpec {
  /** Absent: the branch that the work started from. */
  readonly targetBranch?: string;
  readonly title: string;
  readonly reviewers: readonly string[];
  readonly labels: readonly string[];
}

export interface NotifySpec {
  readonly url: string;
  /** Event names to send; empty: all. */
  readonly events: readonly string[];
  /** Whether an HMAC key is mounted at `credentials/webhook` (`secret`). */
  readonly signed: boolean;
}

export interface DeliverSpec extends TeamRef {
  readonly onComplete: 'create-pr' | 'push-branch' | 'notify' | 'none';
  readonly members: readonly MemberSpec[];
  /** Whether a step checks the result. Without one, only an agent can have left a record of checks. */
  readonly checked: boolean;
  readonly repository?: RepositoryRef;
  readonly pullRequest?: PullRequestSpec;
  /** Ids of likely secrets that a person has agreed to deliver. */
  readonly acceptedSecrets?: readonly string[];
  readonly output?: string;
}

export interface RollCallSpec extends TeamRef {
  /** Teammates whose steps this step stands behind; their Argo statuses come as arguments `name=Status`. */
  readonly teammates: readonly string[];
}

export interface FinishSpec extends TeamRef {
  readonly members: readonly MemberSpec[];
  /** As in {@link DeliverSpec}. */
  readonly checked: boolean;
  readonly repository?: RepositoryRef;
  readonly onComplete: DeliverSpec['onComplete'];
  readonly budgetLimit?: string;
  readonly notify?: NotifySpec;
}
